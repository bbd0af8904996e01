/**
 * X.509 certificates of a cluster's own authority, made with @peculiar/x509. Only the authority needs the package: nodes
 * make keys, and read and check certificates, with what Node has.
 */
// Its dependency tsyringe wants this before it.
import 'reflect-metadata';
import { createPublicKey, generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PublicKey,
  X509CertificateGenerator,
} from '@peculiar/x509';

const CURVE = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };
/** Clocks of nodes may be behind. */
const BEFORE_MILLISECONDS = 86_400_000;
const AUTHORITY_MILLISECONDS = 100 * 365.25 * 86_400_000;

/** A private key and a certificate, in PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** Makes an authority of its own: a key of P-256 and its certificate, for a hundred years. */
export async function makeAuthority(cluster: string): Promise<KeyAndCertificate> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: CURVE.namedCurve,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const name = authorityName(cluster);
  const certificate = await X509CertificateGenerator.create(
    {
      ...validity(Date.now() + AUTHORITY_MILLISECONDS),
      subject: name,
      issuer: name,
      publicKey: publicKeyOf(publicKey),
      signingKey: await signingKeyOf(privateKey),
      signingAlgorithm: SIGNING,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
      ],
    },
    webcrypto,
  );
  return { key: privateKey, certificate: `${certificate.toString('pem')}\n` };
}

/** Makes the certificate of a node for a public key. `until` is in milliseconds since 1970. */
export async function makeNodeCertificate(
  authority: KeyAndCertificate,
  node: { readonly cluster: string; readonly id: number; readonly publicKey: string; readonly until: number },
): Promise<string> {
  const certificate = await X509CertificateGenerator.create(
    {
      ...validity(node.until),
      subject: `CN=mosview node ${node.id}`,
      issuer: authorityName(node.cluster),
      publicKey: publicKeyOf(node.publicKey),
      signingKey: await signingKeyOf(authority.key),
      signingAlgorithm: SIGNING,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      ],
    },
    webcrypto,
  );
  return `${certificate.toString('pem')}\n`;
}

function authorityName(cluster: string): string {
  return `CN=mosview authority ${cluster}`;
}

function validity(until: number): {
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
} {
  return {
    // Positive, and of the 20 octets at most that RFC 5280 allows.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    notBefore: new Date(Math.min(Date.now(), until) - BEFORE_MILLISECONDS),
    notAfter: new Date(until),
  };
}

function publicKeyOf(pem: string): PublicKey {
  return new PublicKey(createPublicKey(pem).export({ type: 'spki', format: 'der' }));
}

function signingKeyOf(pem: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, CURVE, false, ['sign']);
}
