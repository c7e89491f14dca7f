"use client";

/** What is left when even the frame of all pages fails: no style sheet, no component, no script to rely on. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body
        style={{
          fontFamily: "system-ui, sans-serif",
          margin: "20vh auto",
          maxWidth: "28rem",
          padding: "0 1.5rem",
        }}
      >
        <h1>Nothing can be shown right now</h1>
        <p>
          The fault is ours. Nothing was lost or charged by it. Load the page again in a moment.
          {error.digest !== undefined && ` If it stays, tell us this number: ${error.digest}.`}
        </p>
        <p>
          {/* An ordinary link, because it loads the page from the beginning. */}
          <a href="/">Front page</a>
        </p>
      </body>
    </html>
  );
}
