import { useTranslations } from "next-intl";
import { useCallback, useState } from "react";
import { toast } from "#app/_ui/overlays/toast.tsx";
import { setFavoriteModelAction } from "#app/(workspace)/chat/actions.ts";

/**
 * The user's favorite models, which the server stores for every device. A change is shown at once, and taken
 * back if it could not be stored.
 */
export function useFavorites(initial: readonly string[]) {
  const t = useTranslations("chat.sendError");
  const [favorites, setFavorites] = useState<ReadonlySet<string>>(() => new Set(initial));
  const toggle = useCallback(
    async (model: string, isFavorite: boolean) => {
      const set = (value: boolean) =>
        setFavorites((current) => {
          const changed = new Set(current);
          if (value) changed.add(model);
          else changed.delete(model);
          return changed;
        });
      set(isFavorite);
      const result = await setFavoriteModelAction({ model, isFavorite }).catch(() => null);
      if (result?.ok) return;
      set(!isFavorite);
      toast(result?.message ?? t("unreachable"));
    },
    [t],
  );
  return { favorites, toggle };
}
