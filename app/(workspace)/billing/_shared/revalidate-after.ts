import { revalidatePath } from "next/cache";

/**
 * Runs an action and revalidates every page, also after an error: a rejected action often comes from an
 * outdated page.
 */
export async function revalidateAfter<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    revalidatePath("/billing", "layout");
  }
}
