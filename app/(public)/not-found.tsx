import { MissingPage } from "#app/(public)/missing-page.tsx";

/** Inside the public layout, which has the `main` element. */
export default function PublicNotFound() {
  return <MissingPage />;
}
