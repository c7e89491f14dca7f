/** The version of Mermaid in the addresses of its files, which browsers keep for a year. */
export const mermaidVersion = "12.3.0";

/** The document that renders diagrams, in a frame without access to the page. */
export const diagramFramePath = `/api/diagram/${mermaidVersion}/frame`;

/** The longest diagram that is rendered, in characters. */
export const maxDiagramLength = 4_000;
