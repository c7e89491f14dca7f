import { runProgram } from "./run-program.mjs";

// `npm run cluster`
runProgram("sandbox/cluster/main.ts");
