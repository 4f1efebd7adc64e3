"""Addresses that nobody may make us call, in every notation that a resolver or a parser may understand."""

from __future__ import annotations

INSIDE = [
    "127.0.0.1",
    "127.255.255.254",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a9fe:a9fe]",
    "[0:0:0:0:0:ffff:10.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "2130706433",
    "0x7f000001",
    "0x7F.1",
    "017700000001",
    "0177.0.0.1",
    "127.1",
    "0",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "127.0.0.1.",
]
"""As the host of an address; the addresses among them are also what a name may stand for."""

INNER_NAMES = ["localhost", "LocalHost.", "db.localhost", "printer.local", "metadata.google.internal"]

TRICKS = [
    "ftp://hooks.example.com/",
    "file:///etc/passwd",
    "gopher://hooks.example.com/_GET",
    "javascript:alert(1)",
    "//hooks.example.com/",
    "hooks.example.com",
    "https:///",
    "https://",
    "https://user@hooks.example.com/",
    "https://user:secret@hooks.example.com/",
    "https://hooks.example.com@127.0.0.1/",
    "https://hooks.example.com:443@127.0.0.1/",
    "https://127.0.0.1#@hooks.example.com/",
    "https://hooks.example.com\\@127.0.0.1/",
    "https://127.0.0.1\\.hooks.example.com/",
    "https://hooks.example.com/\r\nHost: inside",
    "https://hooks.example.com/ x",
    "https://hooks.exa\u200bmple.com/",
    "https://\uff11\uff12\uff17.0.0.1/",
    "https://127\u30020\u30020\u30021/",
    "https://\u2460\u2461\u2466.0.0.1/",
    "https://[fe80::1%25eth0]/",
    "https://[::1%2525lo]/",
    "https://hooks.example.com:99999/",
    "https://hooks.example.com:0/",
    "https://hooks.example.com/" + "x" * 2000,
]

OWN = [f"https://{one}/" for one in INNER_NAMES] + [
    "http://hooks.example.com/",
    "https://hooks.example.com:22/",
    "https://hooks.example.com:25/",
    "https://hooks.example.com:6379/",
    "https://hooks.example.com:27017/",
]
"""What may be typed where a network of one's own is allowed, and is called there and nowhere else."""

PUBLIC = [
    "https://hooks.example.com/switchboard?tenant=1",
    "https://hooks.example.com:8443/",
    "https://b\u00fccher.example/",
    "https://93.184.216.34/",
    "https://[2606:4700:4700::1111]/",
]
