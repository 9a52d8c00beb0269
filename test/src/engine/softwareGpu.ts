// The WebGPU engine in tests: on SwiftShader, the software Vulkan that comes with Debian's chromium.
import { useEngine } from "llm/engine";

/** Starts it; where it is not there, says why `what` is left out. */
export async function softwareGpu(what: string): Promise<boolean> {
  process.env.LLM_WEBGPU_FALLBACK = "1";
  const { name, reasons } = await useEngine({ prefer: "webgpu", quiet: true });
  if (name !== "webgpu") console.log(`${what} on webgpu skipped: ${reasons[0]}`);
  return name === "webgpu";
}
