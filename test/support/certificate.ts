/**
 * Certificates for tests: an authority, what it signs, and what is wrong with either. DER by hand, because nothing else here needs a library
 * for it.
 *
 * @module
 */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

export interface Certified {
  readonly key: string;
  /** PEM. */
  readonly certificate: string;
  readonly subject: string;
  readonly privateKey: KeyObject;
}

export interface CertificateWish {
  readonly subject: string;
  /** DNS names. */
  readonly names?: readonly string[];
  readonly isAuthority?: boolean;
  readonly from?: string;
  readonly until?: string;
  /** `undefined` = signed by itself. */
  readonly by?: Certified | undefined;
}

const tlv = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = body.length < 256 ? Buffer.from([0x81, body.length]) : Buffer.from([0x82, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([tag]), length, body]);
};
const sequence = (...parts: readonly Buffer[]) => tlv(0x30, ...parts);
const oid = (hex: string) => tlv(0x06, Buffer.from(hex, "hex"));
const name = (text: string) => sequence(tlv(0x31, sequence(oid("550403"), tlv(0x0c, Buffer.from(text)))));
const time = (iso: string) => tlv(0x18, Buffer.from(`${iso.replace(/[-:]/g, "").replace("T", "").slice(0, 14)}Z`));
const truth = tlv(0x01, Buffer.from([0xff]));
const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
const extension = (id: string, isCritical: boolean, value: Buffer) => sequence(oid(id), ...(isCritical ? [truth] : []), tlv(0x04, value));

export function certify({ subject, names = [], isAuthority = false, from = "2020-01-01T00:00:00", until = "2049-01-01T00:00:00", by }: CertificateWish): Certified {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const extensions = [
    ...(isAuthority ? [extension("551d13", true, sequence(truth))] : []),
    ...(names.length > 0 ? [extension("551d11", false, sequence(...names.map((one) => tlv(0x82, Buffer.from(one)))))] : []),
  ];
  const unsigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    name(by?.subject ?? subject),
    sequence(time(from), time(until)),
    name(subject),
    publicKey.export({ format: "der", type: "spki" }),
    ...(extensions.length > 0 ? [tlv(0xa3, sequence(...extensions))] : []),
  );
  const signature = sign("sha256", unsigned, by?.privateKey ?? privateKey);
  const der = sequence(unsigned, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  const certificate = `-----BEGIN CERTIFICATE-----\n${der.toString("base64").replace(/(.{64})/g, "$1\n")}\n-----END CERTIFICATE-----\n`;
  return { key: privateKey.export({ format: "pem", type: "pkcs8" }) as string, certificate, subject, privateKey };
}
