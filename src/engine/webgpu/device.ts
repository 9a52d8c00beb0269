// Finds the GPU and opens it: Dawn, Chromium's WebGPU, from the folder webgpu/ that `npm run gpu`
// makes, on Metal, Direct3D 12 or Vulkan. Errors of the GPU become sentences. A software adapter is
// refused, because wasm is faster, unless LLM_WEBGPU_FALLBACK=1 asks for one: tests use
// SwiftShader, the software Vulkan that comes with Chromium.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import { join } from "node:path";
import type { Dawn, Gpu, GpuAdapter, GpuDevice, GpuError } from "./api";
import { begin, promised } from "./events";

/** The checkout: this file is in src/engine/webgpu or dist/engine/webgpu. */
const root = join(__dirname, "..", "..", "..");

/** Where the packages are, or would be. */
export const webGpuHome = (base = root): string => join(base, "webgpu");

const CHROMIUM = "/usr/lib/chromium";

const wantsSoftware = (): boolean => process.env.LLM_WEBGPU_FALLBACK === "1";

/** Loads a package of the folder. @throws Error where it is not there */
export function fromWebGpuHome<T>(name: string): T {
  const home = webGpuHome();
  if (!existsSync(join(home, "node_modules", "webgpu", "package.json")))
    throw new Error("it is not installed (npm run gpu)");
  return createRequire(join(home, "package.json"))(name) as T;
}

/**
 * What tfjs's backend expects of a browser. The names of WebGPU stay; `navigator` is only there
 * while `work` runs, because other packages take it for a browser.
 */
export function likeABrowser<T>(work: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", {
    configurable: true,
    value: { gpu: {}, userAgent: "node" },
  });
  try {
    return work();
  } finally {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else delete (globalThis as { navigator?: unknown }).navigator;
  }
}

/** Chromium's Vulkan loader and SwiftShader, for tests: before Dawn looks for the system's. */
function offerSwiftShader(): void {
  const [loader, driver] = ["libvulkan.so.1", "vk_swiftshader_icd.json"].map((file) =>
    join(CHROMIUM, file),
  );
  if (!existsSync(driver)) return;
  process.env.VK_ICD_FILENAMES ??= driver;
  const STAY = 0x1000; // RTLD_NODELETE: the library stays, though it is no addon of Node's
  try {
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | STAY);
  } catch {
    // "Module did not self-register": it is loaded, and Dawn finds it by its name
  }
}

/**
 * Whether Vulkan's loader is there, which Linux needs: Dawn would print a warning of its own.
 * Looked for where distributions keep it.
 */
function hasVulkan(): boolean {
  if (process.platform !== "linux") return true;
  const triple = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  const usual = [
    `/usr/lib/${triple}`,
    `/lib/${triple}`,
    "/usr/lib64",
    "/lib64",
    "/usr/lib",
    "/lib",
  ];
  const asked = (process.env.LD_LIBRARY_PATH ?? "").split(":").filter(Boolean);
  return [...asked, ...usual, "/usr/local/lib", "/run/opengl-driver/lib"].some((folder) =>
    existsSync(join(folder, "libvulkan.so.1")),
  );
}

/** An open GPU. */
export interface Opened {
  device: GpuDevice;
  adapter: GpuAdapter;
  /** For people: "Apple M2", "SwiftShader driver 5.0.0, software". */
  name: string;
  /** What was the matter since it was asked last: takes the first error away. */
  takeError(): GpuError | undefined;
  /** Why the device is gone, if it is. */
  whyLost(): string | undefined;
}

/** Dawn keeps what `create` made alive only while JavaScript holds it. */
let gpu: Gpu | undefined;

/** @throws Error whose message says why there is no GPU to be used */
export async function openGpu(): Promise<Opened> {
  const dawn = fromWebGpuHome<Dawn>("webgpu");
  for (const [name, value] of Object.entries(dawn.globals))
    if (!(name in globalThis))
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  if (wantsSoftware()) offerSwiftShader();
  else if (!hasVulkan()) throw new Error(`there is no Vulkan driver${hint()}`);
  gpu ??= dawn.create([]);
  const wanted = { powerPreference: "high-performance", forceFallbackAdapter: wantsSoftware() };
  const adapter = await promised(() => gpu!.requestAdapter(wanted));
  if (!adapter) throw new Error(`no GPU that WebGPU can use was found${hint()}`);
  const { name, isSoftware } = describe(adapter);
  if (isSoftware && !wantsSoftware())
    throw new Error(`there is no GPU, only a software adapter (${name}), slower than wasm`);
  const device = await promised(() => adapter.requestDevice(wishes(adapter)));
  return { device, adapter, name: isSoftware ? `${name}, software` : name, ...watch(device) };
}

const hint = (): string =>
  process.platform === "linux" ? " (it needs a Vulkan driver: docs/engines.md)" : "";

function describe({ info }: GpuAdapter): { name: string; isSoftware: boolean } {
  const all = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  const isSoftware = /swiftshader|llvmpipe|lavapipe|basic render|\bwarp\b/i.test(all);
  const name = isSoftware ? info.description || info.device : info.device || info.description;
  return { name: name || `${info.vendor} ${info.architecture}`.trim() || "unknown", isSoftware };
}

const LIMITS = [
  "maxBufferSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupStorageSize",
  "maxComputeWorkgroupsPerDimension",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
];

/** All that the adapter has, instead of what every WebGPU must have. */
const wishes = (adapter: GpuAdapter): object => ({
  requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
});

/** Dawn reports errors while the call that made them is still running. */
function watch(device: GpuDevice): Pick<Opened, "takeError" | "whyLost"> {
  let [error, lost]: [GpuError | undefined, string | undefined] = [undefined, undefined];
  device.addEventListener("uncapturederror", (event) => {
    (event as unknown as Event).preventDefault(); // Dawn would print it
    error ??= event.error;
  });
  begin(() => device.lost).then(({ reason, message }) => {
    lost = `${reason}${message ? `: ${message.split("\n")[0]}` : ""}`;
  });
  return {
    takeError: () => {
      const taken = error;
      error = undefined;
      return taken;
    },
    whyLost: () => lost,
  };
}
