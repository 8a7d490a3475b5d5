using Amazon.S3;
using Amazon.S3.Model;

namespace Kaleidofs.Drivers.S3.Client;

/// <summary>How the server is told to encrypt, and with which key it may read.</summary>
internal sealed partial class Bucket
{
    private ServerSideEncryptionMethod? Encryption => options.Encryption is { } method ? ServerSideEncryptionMethod.FindValue(method) : null;

    private ServerSideEncryptionCustomerMethod? CustomerMethod => options.CustomerKey is null ? null : ServerSideEncryptionCustomerMethod.AES256;

    private void Encrypt(PutObjectRequest request)
    {
        request.ServerSideEncryptionMethod = Encryption;
        request.ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey;
        request.ServerSideEncryptionCustomerMethod = CustomerMethod;
        request.ServerSideEncryptionCustomerProvidedKey = options.CustomerKey?.Text;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = options.CustomerKey?.Digest;
    }

    private void Encrypt(InitiateMultipartUploadRequest request)
    {
        request.ServerSideEncryptionMethod = Encryption;
        request.ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey;
        request.ServerSideEncryptionCustomerMethod = CustomerMethod;
        request.ServerSideEncryptionCustomerProvidedKey = options.CustomerKey?.Text;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = options.CustomerKey?.Digest;
    }

    private void Encrypt(UploadPartRequest request)
    {
        request.ServerSideEncryptionCustomerMethod = CustomerMethod;
        request.ServerSideEncryptionCustomerProvidedKey = options.CustomerKey?.Text;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = options.CustomerKey?.Digest;
    }

    private void Encrypt(CopyObjectRequest request)
    {
        request.ServerSideEncryptionMethod = Encryption;
        request.ServerSideEncryptionKeyManagementServiceKeyId = options.EncryptionKey;
        request.ServerSideEncryptionCustomerMethod = CustomerMethod;
        request.ServerSideEncryptionCustomerProvidedKey = options.CustomerKey?.Text;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = options.CustomerKey?.Digest;
        request.CopySourceServerSideEncryptionCustomerMethod = CustomerMethod;
        request.CopySourceServerSideEncryptionCustomerProvidedKey = options.CustomerKey?.Text;
        request.CopySourceServerSideEncryptionCustomerProvidedKeyMD5 = options.CustomerKey?.Digest;
    }

    private void Encrypt(CopyPartRequest request)
    {
        request.ServerSideEncryptionCustomerMethod = CustomerMethod;
        request.ServerSideEncryptionCustomerProvidedKey = options.CustomerKey?.Text;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = options.CustomerKey?.Digest;
        request.CopySourceServerSideEncryptionCustomerMethod = CustomerMethod;
        request.CopySourceServerSideEncryptionCustomerProvidedKey = options.CustomerKey?.Text;
        request.CopySourceServerSideEncryptionCustomerProvidedKeyMD5 = options.CustomerKey?.Digest;
    }

    private void Decrypt(GetObjectRequest request)
    {
        request.ServerSideEncryptionCustomerMethod = CustomerMethod;
        request.ServerSideEncryptionCustomerProvidedKey = options.CustomerKey?.Text;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = options.CustomerKey?.Digest;
    }

    private void Decrypt(GetObjectMetadataRequest request)
    {
        request.ServerSideEncryptionCustomerMethod = CustomerMethod;
        request.ServerSideEncryptionCustomerProvidedKey = options.CustomerKey?.Text;
        request.ServerSideEncryptionCustomerProvidedKeyMD5 = options.CustomerKey?.Digest;
    }
}
