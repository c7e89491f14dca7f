import { runProgram } from "./run-program.mjs";

// `npm run dev`
runProgram("sandbox/dev.ts");
