import Link from "next/link";
import { Button } from "#app/_ui/button.tsx";

export default function NotFound() {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col items-start justify-center gap-4 px-6">
      <h1 className="font-semibold text-2xl tracking-tight">There is nothing at this address</h1>
      <p className="text-muted-foreground">It may have been deleted, or it belongs to somebody else.</p>
      <div className="flex gap-2">
        <Button asChild>
          <Link href="/chat">Open chat</Link>
        </Button>
        <Button asChild variant="outline">
          <Link href="/">Front page</Link>
        </Button>
      </div>
    </main>
  );
}
