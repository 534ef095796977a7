//! The addresses that may be called if private ones are not allowed. A URL names a host, and whoever controls
//! its name controls its address, so the address that the connection is made to is checked, not the name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the public internet: not to this machine, to a private network, or to a
/// range with a special meaning. An IPv4 address inside an IPv6 address counts as IPv4.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = match (a, b, c) {
        // This network, loopback and private networks.
        (0 | 10 | 127, ..) | (172, 16..=31, _) | (192, 168, _) => true,
        // Networks of providers, link-local, protocol assignments, 6to4 relays and benchmarks.
        (100, 64..=127, _) | (169, 254, _) | (192, 0, 0) | (192, 88, 99) | (198, 18..=19, _) => true,
        // Documentation.
        (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => true,
        // Multicast, reserved and broadcast.
        (224.., ..) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    match a {
        // NAT64: the last 32 bits are an IPv4 address.
        0x64 => b == 0xff9b && address.segments().get(2..6) == Some(&[0; 4]) && embedded(address, 96),
        // Teredo and documentation.
        0x2001 => !matches!(b, 0 | 0xdb8),
        // 6to4: the bits after the first 16 are an IPv4 address.
        0x2002 => embedded(address, 16),
        // Global unicast. All else is loopback, private, link-local, multicast or reserved.
        0x2000..=0x3ffe => true,
        _ => false,
    }
}

/// Whether the IPv4 address that starts at a bit of an IPv6 address is public.
fn embedded(address: Ipv6Addr, bit: u32) -> bool {
    let bits = u128::from(address) << bit >> 96;
    u32::try_from(bits).is_ok_and(|bits| is_public_v4(Ipv4Addr::from(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_private_networks_are_not_public_in_any_notation() {
        for address in ["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "64:ff9b::1.1.1.1"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "10.0.0.1",
            "127.0.0.1",
            "127.1.2.3",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::7f00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "2002:c0a8:1::1",
            "64:ff9b::127.0.0.1",
            "64:ff9b:1::1",
            "5f00::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
