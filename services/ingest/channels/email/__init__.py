"""Email: from raw RFC 5322 bytes to `ParsedMail`, in a process of its own (`worker`, run by `pool`)."""
