"""The serving certificate: read from two files, and again whenever they change, as cert-manager and kubelet do."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

from gate.errors import UsageError

Stamp = tuple[tuple[int, int, int], ...]


class ServingCertificate:
    """``context`` is the TLS context to serve with; after ``reload`` new connections get the new certificate.

    ``client_ca``: PEM of the authority whose clients alone may ask (the API server's client certificate).
    Raises ``UsageError`` when the files are no certificate and its key.
    """

    def __init__(self, certificate: Path, key: Path, client_ca: Path | None = None) -> None:
        self._files = (certificate, key)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            self._stamp = _stamp(self._files)
            self.context.load_cert_chain(certificate, key)
            if client_ca is not None:
                self.context.load_verify_locations(cafile=client_ca)
                self.context.verify_mode = ssl.CERT_REQUIRED
        except (OSError, ValueError) as error:
            raise UsageError(
                f"{certificate}, {key}: no usable certificate and key: {type(error).__name__}",
                hint="Both are PEM files; the key belongs to the certificate and has no password.",
            ) from error
        self.expires = _expires(*self._files)

    @property
    def expired(self) -> bool:
        """Whether an API server would refuse it by now."""
        return self.expires <= datetime.now(UTC)

    def reload(self) -> bool:
        """Read the files again if they changed. ``False`` when they did not.

        Raises ``OSError`` when they are not a pair now (they are replaced one after the other); the old one stays.
        """
        stamp = _stamp(self._files)
        if stamp == self._stamp:
            return False
        expires = _expires(*self._files)  # in a context of its own: a key that does not fit would spoil ours
        self.context.load_cert_chain(*self._files)
        self._stamp, self.expires = stamp, expires
        return True


def _stamp(files: tuple[Path, Path]) -> Stamp:
    found = (file.stat() for file in files)
    return tuple((each.st_mtime_ns, each.st_ino, each.st_size) for each in found)


def _expires(certificate: Path, key: Path) -> datetime:
    """When the certificate ends; the beginning of time when it has ended already.

    The standard library tells the dates of a certificate only to whoever has been shown it: so it is shown to a client
    in memory that trusts just this one.
    """
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    client.load_verify_locations(cafile=certificate)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server)
    theirs = server.wrap_bio(to_server, to_client, server_side=True)
    try:
        for _ in range(10):
            for side in (ours, theirs):
                try:
                    side.do_handshake()
                except ssl.SSLWantReadError:
                    continue
            if (shown := _shown(ours)) is not None:
                return shown
    except ssl.SSLCertVerificationError:
        return datetime.min.replace(tzinfo=UTC)
    raise ssl.SSLError("the certificate cannot be shown")


def _shown(client: ssl.SSLObject) -> datetime | None:
    try:
        certificate = client.getpeercert()
    except ValueError:  # the handshake is not done
        return None
    end = certificate.get("notAfter") if certificate else None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC) if isinstance(end, str) else None
