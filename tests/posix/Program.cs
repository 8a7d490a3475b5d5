using Kaleidofs.Tests.Posix;

return args switch
{
    ["fixture", var output] => WriteFixture(output),
    ["list"] => List(),
    ["run", var root, .. var names] => Runner.Run(root, names),
    _ => Usage(),
};

static int WriteFixture(string output)
{
    using FileStream stream = File.Create(output);
    PosixFixture.Write(stream);
    return 0;
}

static int List()
{
    foreach (string name in PosixCases.All.Keys)
        Console.WriteLine(name);
    return 0;
}

static int Usage()
{
    Console.Error.WriteLine("usage: posix fixture OUTPUT.tar | posix list | posix run ROOT [CASE ...]");
    return 2;
}
