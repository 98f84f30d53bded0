using ProcFs.Doctor.Checks;

namespace ProcFs.Doctor;

/// <summary>Every check there is, in the order in which they are told.</summary>
internal static class AllChecks
{
    public static IReadOnlyList<(string Part, IReadOnlyList<ICheck> Checks)> Parts { get; } =
    [
        ("host",
        [
            new RightsCheck(), new NamespaceCheck(), new KernelCheck(), new CgroupCheck(), new DelegationCheck(), new FuseDeviceCheck(), new FuseControlCheck(), new SelinuxCheck(), new ApparmorCheck(),
            new LxcfsCheck(), new NeedrestartCheck(), new CriuCheck(), new NestedCheck(),
        ]),
        ("service", [new SystemdCheck(), new UnitsCheck(), new UnitNamespaceCheck(), new StoreCheck()]),
        ("daemon",
        [
            new ConfigCheck(), new RunDirectoryCheck(), new RoomCheck(), new DaemonCheck(), new HeartbeatCheck(), new MountCheck(), new PrivateMountCheck(), new KeeperCheck(), new DaemonNamespaceCheck(),
            new DaemonCapabilitiesCheck(), new DaemonLimitsCheck(), new DaemonProgramCheck(),
        ]),
        ("containers", [new RegistryCheck(), new MissingFilesCheck(), new DeadFilesCheck(), new DetachedCheck(), new OffCheck(), new UnregisteredCheck()]),
        ("engines", [new HookJsonCheck(), new HookProgramCheck(), new PodmanCheck(), new CrioCheck(), new DockerCheck(), new ContainerdCheck(), new LxcCheck(), new NspawnCheck()]),
    ];
}
