import "swagger-ui-dist/swagger-ui.css";
import "#app/(public)/docs/api/_reference/reference.css";
import showSwaggerUi from "swagger-ui-dist/swagger-ui-es-bundle.js";

/**
 * Renders our OpenAPI document into an element. Requests cannot be tried out, because no API key should be
 * typed into a page.
 */
export async function showReference(domNode: HTMLElement): Promise<void> {
  const response = await fetch("/api/openapi.json");
  if (!response.ok) throw new Error(`The OpenAPI document could not be loaded (${response.status}).`);
  const spec: object = await response.json();
  await new Promise<void>((onComplete) =>
    showSwaggerUi({
      spec,
      domNode,
      supportedSubmitMethods: [],
      docExpansion: "list",
      defaultModelRendering: "model",
      defaultModelExpandDepth: 2,
      defaultModelsExpandDepth: -1,
      deepLinking: false,
      validatorUrl: null,
      onComplete: () => onComplete(),
    }),
  );
}
