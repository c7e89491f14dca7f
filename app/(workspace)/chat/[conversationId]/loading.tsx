import { Skeleton } from "#app/_ui/skeleton.tsx";

/** The skeleton of a conversation. */
export default function Loading() {
  return (
    <div data-full className="mx-auto flex w-full max-w-172 flex-1 flex-col gap-8 px-4 pt-10 sm:px-6">
      <p className="sr-only" role="status">
        Loading the conversation
      </p>
      <Skeleton className="h-10 w-2/3 self-end rounded-2xl" />
      <div className="flex flex-col gap-3">
        <Skeleton className="h-4 w-full" />
        <Skeleton className="h-4 w-11/12" />
        <Skeleton className="h-4 w-3/5" />
      </div>
    </div>
  );
}
