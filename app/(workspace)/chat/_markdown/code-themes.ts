/** High-contrast themes meet WCAG contrast in both color schemes. */
export const lightTheme = "github-light-high-contrast";
export const darkTheme = "github-dark-high-contrast";
