/** The part of Swagger UI that the reference uses; the package has no types. */
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  type Options = {
    spec: object;
    domNode: HTMLElement;
    /** HTTP methods that can be tried out. */
    supportedSubmitMethods: string[];
    docExpansion: "list" | "full" | "none";
    /** What is shown first of a body: its schema or an example that is generated from it. */
    defaultModelRendering: "model" | "example";
    /** How deep the schemas of operations are unfolded. */
    defaultModelExpandDepth: number;
    /** How deep the list of all schemas is unfolded; -1 hides it. */
    defaultModelsExpandDepth: number;
    deepLinking: boolean;
    /** A service that checks the document; null sends it to none. */
    validatorUrl: null;
    onComplete: () => void;
  };
  export default function showSwaggerUi(options: Options): void;
}
