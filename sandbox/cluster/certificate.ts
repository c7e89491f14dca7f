import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);
const dayMs = 86_400_000;
const validDays = 90;

export type Certificate = { certPath: string; keyPath: string };

/** Creates a self-signed certificate for localhost, unless the folder has one that is valid for a day. */
export async function localCertificate(openssl: string, folder: string): Promise<Certificate> {
  await mkdir(folder, { recursive: true });
  const certificate = { certPath: `${folder}/localhost.crt`, keyPath: `${folder}/localhost.key` };
  if (isValidTomorrow(certificate)) return certificate;
  await run(openssl, [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc"],
    ...["-keyout", certificate.keyPath, "-out", certificate.certPath, "-days", String(validDays)],
    ...["-subj", "/CN=Parley local cluster", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
  ]);
  return certificate;
}

function isValidTomorrow({ certPath, keyPath }: Certificate): boolean {
  if (!existsSync(certPath) || !existsSync(keyPath)) return false;
  const { validTo } = new X509Certificate(readFileSync(certPath));
  return Date.parse(validTo) > Date.now() + dayMs;
}
