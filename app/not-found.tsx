import { MissingPage } from "#app/(public)/missing-page.tsx";

/** For addresses that no layout belongs to. */
export default function NotFound() {
  return (
    <main className="flex min-h-dvh flex-col">
      <MissingPage />
    </main>
  );
}
