"""Certificates for one test cluster: an authority, and what it signs, valid for a day."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_USES = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}


@dataclass(frozen=True)
class Leaf:
    """Files in PEM."""

    certificate: Path
    key: Path


@dataclass
class Authority:
    """A certificate authority whose files lie in ``folder``; ``certificate`` is what others have to trust."""

    folder: Path
    certificate: Path = field(init=False)
    _key: ec.EllipticCurvePrivateKey = field(init=False)
    _name: x509.Name = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("test authority")
        own = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        built = _valid(_builder(self._name, self._name, self._key), datetime.timedelta(days=1))
        built = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        built = built.add_extension(_usage(signs_certificates=True), critical=True).add_extension(own, critical=False)
        self.certificate = _write(self.folder / "ca.crt", built.sign(self._key, hashes.SHA256()))

    def issue(
        self,
        name: str,
        use: str,
        *,
        organization: str | None = None,
        addresses: tuple[str, ...] = ("127.0.0.1",),
        lifetime: datetime.timedelta = datetime.timedelta(days=1),
    ) -> Leaf:
        """A certificate of ``name`` for ``use`` (``server``, ``client``); a negative ``lifetime``: it is over."""
        key = ec.generate_private_key(ec.SECP256R1())
        built = _valid(_builder(_name(name, organization), self._name, key), lifetime)
        built = built.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        built = built.add_extension(_usage(signs_certificates=False), critical=True)
        built = built.add_extension(x509.ExtendedKeyUsage([_USES[use]]), critical=False)
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        built = built.add_extension(authority, critical=False)
        if use == "server":
            names = [x509.IPAddress(ipaddress.ip_address(a)) for a in addresses]
            built = built.add_extension(
                x509.SubjectAlternativeName([*names, x509.DNSName("localhost")]), critical=False
            )
        certificate = _write(self.folder / f"{name}.crt", built.sign(self._key, hashes.SHA256()))
        return Leaf(certificate, write_key(self.folder / f"{name}.key", key))


def write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> Path:
    """A private key in PEM, readable by its owner alone."""
    path.touch(mode=0o600)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


def _write(path: Path, certificate: x509.Certificate) -> Path:
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path


def _name(common: str, organization: str | None = None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
    )


def _valid(builder: x509.CertificateBuilder, lifetime: datetime.timedelta) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    start = now - datetime.timedelta(days=2)  # clocks differ, and a certificate that is over was valid once
    return builder.not_valid_before(start).not_valid_after(now + lifetime)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
