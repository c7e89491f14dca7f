"use client";

import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";

const choices = [
  ["system", "As the device"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;
const never = () => () => {};

/** Light, dark, or whatever the device says; kept on this device. */
export function ThemeChoice() {
  const { theme, setTheme } = useTheme();
  // The server cannot know the choice, so nothing is marked until the page is alive.
  const alive = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">Theme</legend>
      {choices.map(([value, label]) => (
        <label
          key={value}
          className="flex min-h-11 cursor-pointer items-center rounded-md border border-input px-4 text-sm has-checked:border-accent has-checked:text-accent has-focus-visible:ring-2 has-focus-visible:ring-ring"
        >
          <input
            type="radio"
            name="theme"
            value={value}
            className="sr-only"
            checked={alive && theme === value}
            onChange={() => setTheme(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
