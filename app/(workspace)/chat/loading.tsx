import { Skeleton } from "#app/_ui/skeleton.tsx";

/** The skeleton of a new chat. */
export default function Loading() {
  return (
    <div data-full className="mx-auto flex w-full max-w-172 flex-1 flex-col px-4 pb-4 sm:px-6">
      <p className="sr-only" role="status">
        Loading a new chat
      </p>
      <div className="flex flex-1 flex-col justify-center gap-8">
        <Skeleton className="h-9 w-3/5" />
        <div className="grid gap-2 sm:grid-cols-3">
          <Skeleton className="h-36 rounded-xl" />
          <Skeleton className="h-36 rounded-xl" />
          <Skeleton className="h-36 rounded-xl" />
        </div>
      </div>
      <Skeleton className="h-26 rounded-2xl" />
    </div>
  );
}
