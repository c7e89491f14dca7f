import { Skeleton } from "#app/_ui/skeleton.tsx";

export default function Loading() {
  return (
    <div className="flex flex-col gap-8">
      <p className="sr-only" role="status">
        Loading your usage
      </p>
      <Skeleton className="h-9 w-40" />
      <Skeleton className="h-36 w-full rounded-xl" />
      <Skeleton className="h-56 w-full" />
      <Skeleton className="h-48 w-full" />
    </div>
  );
}
