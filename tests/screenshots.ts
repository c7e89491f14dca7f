import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { type Browser, type BrowserContextOptions, chromium, devices, type Page } from "@playwright/test";
import { type Locale, locales } from "#lib/core/locale.ts";
import { seedPassword } from "#sandbox/seed/seed-users.ts";
import { signIn } from "#tests/e2e/users.ts";

/**
 * The seeded user of each language and the conversation in the pictures; it ends with a question, a table and
 * the costs of the answers.
 */
const subjects: Record<Locale, { email: string; conversationTitle: string }> = {
  en: { email: "ada@parley.example", conversationTitle: "Two requests, one last seat" },
  de: { email: "german@parley.example", conversationTitle: "Zwei Anfragen, ein letzter Platz" },
};
const desktop = { viewport: { width: 1280, height: 800 } };
/** For the landing page, which shows them smaller; sharp on screens with two pixels per point, too. */
const sharpDesktop = { ...desktop, deviceScaleFactor: 1.5 };
/** The widths of the landing page's pictures, in pixels. */
const landingWidths = [960, 1920];
const phone = { ...devices["Pixel 7"], viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 };
const logo = readFileSync("public/icon.svg", "utf8");
const font = "node_modules/@fontsource-variable/geist/files/geist-latin-wght-normal.woff2";

/**
 * Writes all pictures of the repository: docs/screenshot.png, the manifest's screenshots, those of the
 * landing page, the social preview image and the PNG icons. The app must be running with the seed
 * (`npm run dev`). Usage: node tests/screenshots.ts [URL of the app, default http://localhost:3000]
 */
async function writePictures(appUrl: string): Promise<void> {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
  try {
    await writeIcons(browser);
    await writeChat(browser, appUrl, "en", desktop, ["docs/screenshot.png", "public/screenshot-wide.png"]);
    await writeChat(browser, appUrl, "en", phone, ["public/screenshot-narrow.png"]);
    for (const locale of locales)
      for (const colorScheme of ["light", "dark"] as const)
        await writeChat(
          browser,
          appUrl,
          locale,
          { ...sharpDesktop, colorScheme },
          landingWidths.map((width) => `public/landing-${locale}-${colorScheme}-${width}.webp`),
        );
    await writeSocialPreview(browser);
  } finally {
    await browser.close();
  }
}

async function writeChat(
  browser: Browser,
  baseURL: string,
  locale: Locale,
  device: BrowserContextOptions,
  paths: string[],
): Promise<void> {
  const context = await browser.newContext({ colorScheme: "light", ...device, baseURL, locale: "en-US" });
  // `npm run dev` compiles a page at its first request.
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const { email, conversationTitle } = subjects[locale];
  await signIn(page, email, seedPassword);
  if (device.isMobile === true) await page.getByRole("button", { name: "Open menu" }).click();
  await page.getByRole("link", { name: conversationTitle }).first().click();
  await page.waitForURL(/\/chat\/[0-9a-f-]{36}$/);
  await page.locator('[data-rendered="live"]').first().waitFor();
  await page.waitForLoadState("networkidle");
  await page.addStyleTag({ content: "nextjs-portal { display: none }" });
  // Without the focus ring of the composer, and without hover effects.
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.mouse.move(0, 0);
  for (const path of paths) await writeScreenshot(page, path);
  await context.close();
}

/**
 * Writes a PNG, or a WebP of a fifth of its size, which Playwright cannot write itself; its name ends with
 * its width.
 */
async function writeScreenshot(page: Page, path: string): Promise<void> {
  const png = await page.screenshot();
  const width = /-(\d+)\.webp$/.exec(path)?.[1];
  writeFileSync(path, width === undefined ? png : await toWebp(page, png, Number(width)));
}

async function toWebp(page: Page, png: Buffer, width: number): Promise<Buffer> {
  const canvasPage = await page.context().newPage();
  const encoded = await canvasPage.evaluate(
    async ({ base64, width }) => {
      const image = new Image();
      image.src = `data:image/png;base64,${base64}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = width;
      canvas.height = Math.round((image.height * width) / image.width);
      const context = canvas.getContext("2d");
      if (context !== null) context.imageSmoothingQuality = "high";
      context?.drawImage(image, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL("image/webp", 0.85).split(",")[1] ?? "";
    },
    { base64: png.toString("base64"), width },
  );
  await canvasPage.close();
  return Buffer.from(encoded, "base64");
}

async function writeIcons(browser: Browser): Promise<void> {
  const square = logo.replace(/ rx="9"/, "");
  await renderHtml(browser, "public/icon-192.png", 192, 192, toPicture(logo, 192));
  await renderHtml(browser, "public/icon-512.png", 512, 512, toPicture(logo, 512));
  // Launchers crop maskable icons to the inner 80 percent, so the background fills the whole square.
  await renderHtml(browser, "public/icon-maskable-512.png", 512, 512, toPicture(square, 512));
  await renderHtml(browser, "public/apple-touch-icon.png", 180, 180, toPicture(square, 180));
}

/** The image that other sites show for a link: the logo, the name, and the screenshot of a conversation. */
async function writeSocialPreview(browser: Browser): Promise<void> {
  const screenshot = readFileSync("public/screenshot-wide.png").toString("base64");
  const html = `
    <style>
      @font-face { font-family: Geist; font-weight: 100 900;
        src: url(data:font/woff2;base64,${readFileSync(font).toString("base64")}) }
    </style>
    <body style="margin:0;background:#fdfcfa;color:#1d1a17;font-family:Geist">
      <div style="padding:64px 72px 0;display:flex;align-items:center;gap:20px;font-size:44px;font-weight:600">
        ${toPicture(logo, 64)} Parley
      </div>
      <p style="margin:24px 72px 40px;font-size:36px;letter-spacing:-0.01em">Chat with the best models and see what every answer costs.</p>
      <img src="data:image/png;base64,${screenshot}" style="display:block;margin:0 72px;width:1056px;
        border:1px solid #ddd6cc;border-radius:16px;box-shadow:0 20px 60px #0002">
    </body>`;
  await renderHtml(browser, "public/social-preview.png", 1200, 630, html);
}

function toPicture(svg: string, size: number): string {
  const source = Buffer.from(svg).toString("base64");
  return `<img src="data:image/svg+xml;base64,${source}" width="${size}" height="${size}" style="display:block">`;
}

async function renderHtml(
  browser: Browser,
  path: string,
  width: number,
  height: number,
  html: string,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height } });
  await page.setContent(`<style>body { margin: 0 }</style>${html}`);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path, omitBackground: true });
  await page.close();
}

await writePictures(process.argv[2] ?? "http://localhost:3000");
