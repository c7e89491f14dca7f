import fc from "fast-check";
import { expect, test } from "vitest";
import { toDocumentText, toSafeFileName } from "#lib/chat/files/document-text.ts";
import { inspectFile } from "#lib/chat/files/inspect/inspect-file.ts";
import { RejectedFile } from "#lib/chat/files/inspect/inspection.ts";
import { makePdf, makePng, makeWord, makeWorkbook, makeZip } from "#tests/fixtures/sample-files.ts";

async function problemOf(bytes: Buffer, name = "file"): Promise<unknown> {
  return inspectFile(bytes, name).then(
    ({ kind }) => `accepted as ${kind}`,
    (error) => (error instanceof RejectedFile ? error.problem : error),
  );
}

const utf16 = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);

test("the content decides what a file is, whatever its name says", async () => {
  const png = makePng(64, 32);
  expect(await inspectFile(png, "report.pdf")).toMatchObject({
    ...{ kind: "image", contentType: "image/png", width: 64, height: 32, text: null, replacement: null },
  });
  expect(await inspectFile(makePdf(["Hello", "World"]), "photo.png")).toMatchObject({
    ...{ kind: "pdf", pages: 2, text: "Hello\n\nWorld" },
  });
  expect(await problemOf(Buffer.from("MZ\x90\0\x03\0\0\0\x04", "latin1"), "photo.png")).toBe("unsupported");
});

test("text is decoded from UTF-8, UTF-16 with and without its mark, and Windows-1252", async () => {
  const csv = "Name;Größe\r\nÄpfel;12\r\n";
  const text = "Name;Größe\nÄpfel;12\n";
  const big = Buffer.from(csv, "utf16le").swap16();
  const latin = Buffer.from(csv, "latin1");
  for (const bytes of [Buffer.from(csv), utf16(csv), Buffer.from(csv, "utf16le"), big, latin])
    expect(await inspectFile(bytes, "a.csv")).toMatchObject({ kind: "text", text });
});

test("Word documents and workbooks become text", async () => {
  expect(await inspectFile(await makeWord(["First", "Second"]), "a.docx")).toMatchObject({
    ...{ kind: "word", text: "First\n\nSecond" },
  });
  const workbook = await makeWorkbook([
    ["Year", "Sales"],
    ["2026", "7"],
  ]);
  expect(await inspectFile(workbook, "a.xlsx")).toMatchObject({
    kind: "excel",
    text: "# Sales\nYear\tSales\n2026\t7",
  });
});

test("files that cannot be used are refused with their reason", async () => {
  expect(await problemOf(Buffer.alloc(0))).toBe("empty");
  expect(await problemOf(Buffer.from(" \n "))).toBe("empty");
  expect(await problemOf(makePdf(["Secret"], { encrypted: true }))).toBe("encrypted");
  expect(await problemOf(makePdf(["", ""]))).toBe("withoutText");
  expect(await problemOf(makePdf(["Cut"]).subarray(0, 60))).toBe("unreadable");
  expect(await problemOf(await makeZip({ "a.txt": "text" }))).toBe("unsupported");
  expect(await problemOf((await makeWord(["Cut"])).subarray(0, 200))).toBe("unreadable");
  const ole = Buffer.from("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "latin1");
  expect(await problemOf(ole)).toBe("unsupported");
  expect(await problemOf(Buffer.concat([ole, Buffer.from("EncryptedPackage", "utf16le")]))).toBe("encrypted");
});

test("an archive that unpacks to too much is refused before it is parsed", async () => {
  const bomb = await makeZip({ "word/document.xml": Buffer.alloc(151 * 1_048_576) });
  expect(bomb.length).toBeLessThan(1_048_576);
  expect(await problemOf(bomb)).toBe("tooLong");
});

test("images with huge dimensions are refused by their header", async () => {
  const claimed = { width: 60_000, height: 60_000 };
  expect(await problemOf(makePng(1, 1, { claimed }))).toBe("imageTooLarge");
  expect(await problemOf(makePng(1, 1, { claimed: { width: 8_000, height: 8_000 } }))).toBe("imageTooLarge");
});

test("metadata is removed from images, and their pixels stay", async () => {
  const plain = makePng(8, 8);
  const { replacement } = await inspectFile(makePng(8, 8, { text: "GPS 52.5 N" }), "a.png");
  expect(Buffer.from(replacement ?? []).equals(plain)).toBe(true);
  const trailing = await inspectFile(Buffer.concat([plain, Buffer.from("PK hidden")]), "a.png");
  expect(Buffer.from(trailing.replacement ?? []).equals(plain)).toBe(true);
});

test("JPEG segments with EXIF and comments are removed", async () => {
  const segment = (marker: number, data: string) => {
    const bytes = Buffer.alloc(4 + data.length);
    bytes.set([0xff, marker], 0);
    bytes.writeUInt16BE(2 + data.length, 2);
    bytes.write(data, 4, "latin1");
    return bytes;
  };
  const start = Buffer.from([0xff, 0xd8]);
  const frame = segment(0xc0, "\x08\x00\x10\x00\x20\x01\x01\x11\x00");
  const scan = Buffer.concat([segment(0xda, "\x01\x01\x00\x00\x3f\x00"), Buffer.from([1, 2, 3, 0xff, 0xd9])]);
  const jpeg = Buffer.concat([start, segment(0xe1, "Exif\0\0GPS"), frame, segment(0xfe, "comment"), scan]);
  const { replacement, width, height } = await inspectFile(jpeg, "a.jpg");
  expect({ width, height }).toEqual({ width: 32, height: 16 });
  expect(Buffer.from(replacement ?? []).equals(Buffer.concat([start, frame, scan]))).toBe(true);
});

test("any bytes are accepted or refused with a reason, and never fail otherwise", async () => {
  const heads = ["", "\x89PNG\r\n\x1a\n", "\xff\xd8\xff", "GIF89a", "RIFF1234WEBP", "PK\x03\x04"];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 200 }), async (head, bytes) => {
      const file = Buffer.concat([Buffer.from(head, "latin1"), bytes]);
      expect(typeof (await problemOf(file))).toBe("string");
    }),
  );
});

test("the end of a document is marked by a line that the document does not contain", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.stringMatching(/^[0-9a-f]{64}$/), (name, text, sha256) => {
      const lines = toDocumentText({ name, sha256 }, text).split("\n");
      const last = lines.at(-1) ?? "";
      expect(last).toContain(sha256.slice(0, 12));
      fc.pre(!text.includes(sha256.slice(0, 12)));
      expect(lines.filter((line) => line === last)).toHaveLength(1);
    }),
  );
});

test("file names become one line without directories and control characters", () => {
  expect(toSafeFileName("../../etc/passwd", 200)).toBe("passwd");
  expect(toSafeFileName("C:\\Users\\me\\a b.txt", 200)).toBe("a b.txt");
  expect(toSafeFileName("evil\n[File ends]\u202Egpj.exe", 200)).toBe("evil[File ends]gpj.exe");
  expect(toSafeFileName(`${"x".repeat(300)}.pdf`, 20)).toBe(`${"x".repeat(16)}.pdf`);
  expect(toSafeFileName("///", 200)).toBe("file");
});
