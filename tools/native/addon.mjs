// What is added to tfjs-node's addon before it is compiled: `addFunction(bytes)` and
// `removeFunction(name)`, which hand a TensorFlow function (a serialized FunctionDef) to the eager
// context, so that `executeOp(name, …)` can run it. llm/engine's `compile` stands on them. And
// `allowTf32(boolean)`, which TensorFlow's C API lacks: whether matrix products on a GPU may round
// their factors to 10 bits. And while an operation runs, signals wait: see `signals` below.
// Everything else of the addon stays as it is in the npm package.
// The sources are patched in a copy, at places that must be there exactly once.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Counts up with every change of what is compiled, so that older addons are made again. */
export const ADDON = 4;

const declarations = `
  // Added by llm: functions of the eager context, run by name with ExecuteOp().
  void AddFunction(napi_env env, napi_value function_def_value);
  void RemoveFunction(napi_env env, napi_value name_value);
`;

const methods = `void TFJSBackend::AddFunction(napi_env env, napi_value function_def_value) {
  void *data;
  size_t length;
  napi_typedarray_type type;
  ENSURE_NAPI_OK(env, napi_get_typedarray_info(env, function_def_value, &type, &length, &data,
                                               nullptr, nullptr));
  TF_AutoStatus tf_status;
  TFE_ContextAddFunctionDef(tfe_context_, static_cast<const char *>(data), length,
                            tf_status.status);
  ENSURE_TF_OK(env, tf_status);
}

void TFJSBackend::RemoveFunction(napi_env env, napi_value name_value) {
  std::string name;
  ENSURE_NAPI_OK(env, GetStringParam(env, name_value, name));
  TF_AutoStatus tf_status;
  TFE_ContextRemoveFunction(tfe_context_, name.c_str(), tf_status.status);
  ENSURE_TF_OK(env, tf_status);
}

`;

const entry = (name) => `static napi_value ${name}(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value arg;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_cb_info(env, info, &argc, &arg, nullptr, nullptr), nullptr);
  if (TFJSBackend *backend = GetTFJSBackend(env)) backend->${name}(env, arg);
  return nullptr;
}

`;

const property = (name, method) =>
  `      {"${name}", nullptr, ${method}, nullptr, nullptr, nullptr, napi_default, nullptr},\n`;

const tf32 = `namespace tsl {
// In libtensorflow_framework; see xla/tsl/util/tf32.h.
void enable_tensor_float_32_execution(bool enabled);
}

`;

const allowTf32 = `static napi_value AllowTf32(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value arg;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_cb_info(env, info, &argc, &arg, nullptr, nullptr), nullptr);
  bool allow = false;
  ENSURE_NAPI_OK_RETVAL(env, napi_get_value_bool(env, arg, &allow), nullptr);
  tsl::enable_tensor_float_32_execution(allow);
  return nullptr;
}

`;

// oneDNN's sgemm, which XLA multiplies matrices with, lets the stack pointer point into a buffer on
// the heap where the shared dimension is long (jit_avx512_common_gemm_f32, "buffer_in_ws"). A
// signal in that moment makes the kernel write the handler's frame there: Ctrl-C, a profiler's
// SIGPROF, a child's end then destroy the heap. Measured: 1 in 1,000 of the signals sent during
// compiled training. So they wait until the operation is done; TensorFlow's threads, which are
// started inside, inherit the mask and never see one.
const signals = `#ifndef _WIN32
struct SignalsWait {
  sigset_t before;
  SignalsWait() {
    sigset_t most;
    sigfillset(&most);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) sigdelset(&most, fault);
    pthread_sigmask(SIG_BLOCK, &most, &before);
  }
  ~SignalsWait() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
};
#else
struct SignalsWait {};
#endif

`;
const wait = "  [[maybe_unused]] SignalsWait signals_wait;  // added by llm\n";

/** File, the line that must be there exactly once, and what goes before or after it. */
const additions = [
  {
    file: "tfjs_backend.h",
    after: "  napi_value GetNumOfTensors(napi_env env);\n",
    text: declarations,
  },
  {
    file: "tfjs_backend.cc",
    before: "napi_value TFJSBackend::GetNumOfSavedModels(napi_env env) {",
    text: methods,
  },
  { file: "tfjs_backend.cc", after: '#include "tfjs_backend.h"\n', text: "#include <signal.h>\n" },
  { file: "tfjs_backend.cc", before: "TFJSBackend::TFJSBackend(napi_env env)", text: signals },
  { file: "tfjs_backend.cc", before: "  tfe_context_ = TFE_NewContext(", text: wait },
  { file: "tfjs_backend.cc", before: "  TFE_Execute(tfe_op.op, result_handles.data()", text: wait },
  {
    file: "tfjs_binding.cc",
    before: "static napi_value TensorDataSync(napi_env env,",
    text: entry("AddFunction") + entry("RemoveFunction") + allowTf32,
  },
  { file: "tfjs_binding.cc", before: "namespace tfnodejs {\n", text: tf32 },
  {
    file: "tfjs_binding.cc",
    before: `      {"getNumOfTensors", nullptr, GetNumOfTensors,`,
    text:
      property("addFunction", "AddFunction") +
      property("removeFunction", "RemoveFunction") +
      property("allowTf32", "AllowTf32"),
  },
];

/**
 * Copies the addon's sources from the npm package and adds what is said above.
 * @returns the C++ files to compile
 * @throws Error when a place is not found, so that another version of the package is not patched
 *   blindly
 */
export function addonSources(from, to) {
  mkdirSync(to, { recursive: true });
  const texts = new Map(
    readdirSync(from)
      .filter((file) => /\.(cc|h)$/.test(file))
      .map((file) => [file, readFileSync(join(from, file), "utf8")]),
  );
  for (const { file, before, after, text } of additions) {
    const source = texts.get(file) ?? "";
    const anchor = before ?? after;
    if (source.split(anchor).length !== 2)
      throw new Error(
        `tfjs-node's ${file} is not the one of version 4.22.0: "${anchor.trim()}" not found once`,
      );
    texts.set(
      file,
      source.replace(anchor, () => (before ? text + anchor : anchor + text)),
    );
  }
  for (const [file, text] of texts) writeFileSync(join(to, file), text);
  return ["tfjs_backend.cc", "tfjs_binding.cc"].map((file) => join(to, file));
}
