using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Kaleidofs.Tests.Support.Servers;

/// <summary>
/// A real S3 server: Ceph's radosgw with one monitor and one storage daemon that keeps everything in memory, all of them the test's own
/// processes on loopback ports, gone with it. It takes some ten seconds to begin.
/// </summary>
public sealed class RadosGateway : IDisposable
{
    public const string AccessKey = "KALEIDOFSTEST";
    public const string SecretKey = "notasecret";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly TemporaryFolder _folder = new();
    private readonly List<Process> _processes = [];

    public RadosGateway()
    {
        Missing = Shell.Run("for program in ceph-mon ceph-osd radosgw radosgw-admin ceph monmaptool; do command -v $program >/dev/null || echo $program; done").Text.Trim() is { Length: > 0 } programs
            ? $"no S3 server here: {programs.ReplaceLineEndings(", ")} not installed; run eng/s3-server.sh"
            : null;
        // For the driver, here and in the program.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", SecretKey);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Stop();
        if (Missing is null)
        {
            try
            {
                Start();
            }
            catch
            {
                Dispose();
                throw;
            }
        }
    }

    /// <summary>Why there is no server, or null.</summary>
    public string? Missing { get; }

    /// <summary>Where it listens.</summary>
    public string Endpoint { get; private set; } = "";

    public void Dispose()
    {
        Stop();
        _folder.Dispose();
    }

    private void Start()
    {
        (int monitor, int gateway) = (FindPort(), FindPort());
        string id = Guid.NewGuid().ToString();
        string osd = Guid.NewGuid().ToString();
        string at = _folder.Path;
        Directory.CreateDirectory(_folder.At("mon"));
        Directory.CreateDirectory(_folder.At("osd"));
        Directory.CreateDirectory(_folder.At("rgw"));
        string conf = _folder.Write("ceph.conf", $"""
            [global]
            fsid = {id}
            mon_host = v2:127.0.0.1:{monitor}
            mon_initial_members = a
            public_addr = 127.0.0.1
            cluster_addr = 127.0.0.1
            auth_cluster_required = none
            auth_service_required = none
            auth_client_required = none
            osd_pool_default_size = 1
            osd_pool_default_min_size = 1
            osd_pool_default_pg_num = 8
            osd_pool_default_pgp_num = 8
            osd_crush_chooseleaf_type = 0
            mon_allow_pool_size_one = true
            mon_data = {at}/mon
            osd_data = {at}/osd
            osd_objectstore = memstore
            memstore_device_bytes = 8589934592
            run_dir = {at}
            admin_socket = {at}/$name.asok
            log_file = {at}/$name.log
            log_to_stderr = false
            keyring = {at}/keyring
            [client.rgw.a]
            ms_mon_client_mode = crc
            rgw_frontends = beast endpoint=127.0.0.1:{gateway} tcp_nodelay=1
            rgw_data = {at}/rgw
            rgw_crypt_require_ssl = false
            rgw_crypt_s3_kms_backend = testing
            rgw_crypt_s3_kms_encryption_keys = testkey={Convert.ToBase64String(new byte[32])}

            """);
        Shell.Run("""
            set -e
            cd "$1"
            ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *'
            ceph-authtool keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *'
            monmaptool --create --addv a "[v2:127.0.0.1:$2]" --fsid "$3" monmap
            ceph-mon -c ceph.conf --mkfs -i a --monmap monmap --keyring keyring
            """, at, monitor.ToString(), id).Succeeded();
        Run("ceph-mon", "-c", conf, "-i", "a", "-f");
        Shell.Run("timeout 60 ceph -c \"$1\" osd new \"$2\" && ceph-osd -c \"$1\" -i 0 --mkfs --osd-uuid \"$2\" --no-mon-config", conf, osd).Succeeded();
        Run("ceph-osd", "-c", conf, "-i", "0", "-f");
        Shell.Run("timeout 90 radosgw-admin -c \"$1\" user create --uid=test --display-name=test --access-key=\"$2\" --secret-key=\"$3\"", conf, AccessKey, SecretKey).Succeeded();
        Run("radosgw", "-c", conf, "-n", "client.rgw.a", "-f");
        Endpoint = $"http://127.0.0.1:{gateway}";
        WaitForAnswer();
    }

    private void WaitForAnswer()
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(5) };
        var deadline = Deadline.After(Limit);
        while (true)
        {
            try
            {
                using HttpResponseMessage _ = client.GetAsync(Endpoint).GetAwaiter().GetResult();
                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                if (deadline.HasPassed || _processes.Any(process => process.HasExited))
                    throw new InvalidOperationException("radosgw does not answer\n" + Shell.Run("tail -n 5 \"$1\"/*.log", _folder.Path).Text, exception);
                Thread.Sleep(100);
            }
        }
    }

    private void Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private void Stop()
    {
        foreach (Process process in _processes)
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        _processes.Clear();
    }

    private static int FindPort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
