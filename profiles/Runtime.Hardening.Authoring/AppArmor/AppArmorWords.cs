namespace Runtime.Hardening.Authoring.AppArmor;

/// <summary>The closed vocabularies of a description. What may stand in profile text stands here or is checked letter by letter.</summary>
internal static class AppArmorWords
{
    public static readonly string[] Accesses = ["read", "write", "map", "execute"];

    /// <summary>In the order of <see cref="PtraceAccess"/>.</summary>
    public static readonly string[] Ptraces = ["none", "read", "trace"];

    // apparmor.d(5), "Network Rules": what apparmor_parser 3.0 knows. Newer families are denied where families are listed.
    public static readonly string[] Families =
    [
        "alg", "appletalk", "ash", "atmpvc", "atmsvc", "ax25", "bluetooth", "bridge", "caif", "can", "econet", "ib", "ieee802154", "inet", "inet6", "ipx",
        "irda", "isdn", "iucv", "kcm", "key", "llc", "mpls", "netbeui", "netlink", "netrom", "nfc", "packet", "phonet", "pppox", "qipcrtr", "rds", "rose",
        "rxrpc", "security", "smc", "sna", "tipc", "unix", "vsock", "wanpipe", "x25", "xdp",
    ];

    public static readonly string[] SocketTypes = ["dgram", "packet", "raw", "rdm", "seqpacket", "stream"];
}
