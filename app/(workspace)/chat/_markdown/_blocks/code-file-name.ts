/** Endings that differ from the language's name. */
const endings: Record<string, string> = {
  bash: "sh",
  shell: "sh",
  shellscript: "sh",
  zsh: "sh",
  sh: "sh",
  powershell: "ps1",
  javascript: "js",
  typescript: "ts",
  python: "py",
  ruby: "rb",
  rust: "rs",
  golang: "go",
  kotlin: "kt",
  csharp: "cs",
  "c#": "cs",
  "c++": "cpp",
  "objective-c": "m",
  markdown: "md",
  yaml: "yml",
  haskell: "hs",
  elixir: "ex",
  erlang: "erl",
  clojure: "clj",
  perl: "pl",
  latex: "tex",
  terraform: "tf",
  plaintext: "txt",
  text: "txt",
  postgresql: "sql",
  plsql: "sql",
  mermaid: "mmd",
};
const names: Record<string, string> = {
  dockerfile: "Dockerfile",
  docker: "Dockerfile",
  makefile: "Makefile",
  make: "Makefile",
};
/** Languages whose name is the ending of their files. */
const known =
  /^(astro|bat|c|cjs|cpp|cs|css|csv|dart|diff|go|graphql|html|ini|java|js|json|json5|jsonc|jsonl|jsx|kt|less|lua|md|mdx|mjs|nix|php|pl|proto|ps1|py|r|rb|rs|rst|sass|scala|scss|sql|svelte|svg|swift|tex|tf|toml|ts|tsx|txt|vb|vue|wat|xml|yml|zig)$/;

/** Returns the name under which code of a language is saved. */
export function codeFileName(language: string): string {
  const name = language.toLowerCase();
  const fixed = Object.hasOwn(names, name) ? names[name] : undefined;
  if (fixed !== undefined) return fixed;
  const ending = Object.hasOwn(endings, name) ? endings[name] : known.test(name) ? name : "txt";
  return `code.${ending}`;
}
