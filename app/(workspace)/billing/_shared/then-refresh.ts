import { revalidatePath } from "next/cache";

/** Shows every page anew, also when something was refused: what was refused was asked by an old page, in another tab or after "back". */
export async function thenRefresh<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } finally {
    revalidatePath("/billing", "layout");
  }
}
