using System.Net.Sockets;
using System.Text;
using Kaleidofs.Host.Serving;
using Kaleidofs.Tests.Support;

namespace Kaleidofs.Tests.Unit.Host;

/// <summary>Changes the process's environment, so nothing else may run beside it.</summary>
[Collection(ProgramCollection.Name)]
public sealed class ServiceManagerTests : IDisposable
{
    private const string Variable = "NOTIFY_SOCKET";

    public void Dispose() => Environment.SetEnvironmentVariable(Variable, null);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_service_manager_hears_that_the_host_is_ready(bool isAbstract)
    {
        using TemporaryFolder folder = new();
        string path = folder.At("notify");
        using Socket manager = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 10_000 };
        manager.Bind(new UnixDomainSocketEndPoint(isAbstract ? '\0' + path : path));
        Environment.SetEnvironmentVariable(Variable, isAbstract ? '@' + path : path);
        ServiceManager.Notify("READY=1");
        byte[] message = new byte[100];
        Assert.Equal("READY=1", Encoding.UTF8.GetString(message, 0, manager.Receive(message)));
    }

    [Fact]
    public void A_service_manager_that_is_gone_disturbs_nobody()
    {
        Environment.SetEnvironmentVariable(Variable, "/nonexistent/socket");
        ServiceManager.Notify("READY=1");
    }
}
