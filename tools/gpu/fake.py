"""A GPU that computes nothing: stand-ins for NVIDIA's driver and CUDA libraries, so that all around
them can be tried where there is no GPU. TensorFlow sees a device of compute capability 9.0, places
operations on it, refuses those it has no GPU kernel for, compiles functions with XLA and the real
ptxas, allocates and copies for real; a kernel that is launched does nothing, so every number is
wrong. What is thrown is real, what is computed is not. Made from the public interfaces only.

    python3 tools/gpu/fake.py FOLDER          compiles the libraries into FOLDER (needs g++ and
                                              native/cuda)
    LD_LIBRARY_PATH=FOLDER npm run selfcheck      everything "differs", nothing may throw
    python3 gpu.py run --tiny --driver FOLDER     how the whole run on a GPU host goes

FAKE_CUDA_INIT=100 makes cuInit fail so, FAKE_CUDA_VERSION=11080 is an old driver, FAKE_CUDA_ARCH=80
an A100, FAKE_CUDA_FREE=1000000000 a full memory, FAKE_CUDA_LOG=1 tells what code is loaded. Without
libnvidia-ml.so.1 (delete it) TensorFlow sees no GPU, and says nothing.
"""

import mmap
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NATIVE = os.path.join(HERE, "..", "..", "native", "cuda", "lib")

COMMON = r"""
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <sys/mman.h>
typedef int R;                 // a status: 0 is success
typedef unsigned long long P;  // a handle or an address
#define X extern "C" __attribute__((visibility("default")))
static long setting(const char* name, long otherwise) {
  const char* text = getenv(name); return text ? atol(text) : otherwise;
}
static P handle() { return (P)calloc(1, 4096); }
"""

DRIVER = r"""
static const bool logs = setting("FAKE_CUDA_LOG", 0);
static const long arch = setting("FAKE_CUDA_ARCH", 90);
static const size_t total = 150000000000ull, available = setting("FAKE_CUDA_FREE", 140000000000);
static std::recursive_mutex lock;
static std::map<P, size_t> blocks;
static thread_local P current, stack[16];
static thread_local int depth;

X R cuInit(unsigned) { return setting("FAKE_CUDA_INIT", 0); }
X R cuDriverGetVersion(int* v) { *v = setting("FAKE_CUDA_VERSION", 13000); return 0; }
X R cuDeviceGetCount(int* n) { *n = 1; return 0; }
X R cuDeviceGet(int* device, int i) { *device = i; return i ? 101 : 0; }
X R cuDeviceGetName(char* name, int n, int) { snprintf(name, n, "Fake GPU"); return 0; }
X R cuDeviceGetUuid(char* id, int) { memset(id, 7, 16); return 0; }
X R cuDeviceGetUuid_v2(char* id, int) { memset(id, 7, 16); return 0; }
X R cuDeviceTotalMem_v2(size_t* n, int) { *n = total; return 0; }
X R cuDeviceGetPCIBusId(char* name, int n, int) { snprintf(name, n, "0000:00:05.0"); return 0; }
X R cuDeviceGetAttribute(int* v, int which, int) {
  static const std::map<int, int> values = {  // an H200's
    {1, 1024}, {2, 1024}, {3, 1024}, {4, 64}, {5, 2147483647}, {6, 65535}, {7, 65535}, {8, 49152},
    {9, 65536}, {10, 32}, {11, 2147483647}, {12, 65536}, {13, 1980000}, {14, 512}, {15, 1},
    {16, 132}, {19, 1}, {31, 1}, {36, 3201000}, {37, 6144}, {38, 62914560}, {39, 2048}, {40, 3},
    {41, 1}, {78, 1}, {79, 1}, {80, 1}, {81, 233472}, {82, 65536}, {83, 1}, {89, 1},
    {95, 1}, {97, 232448}, {106, 32}, {111, 1024}, {120, 1}};
  auto found = values.find(which);
  *v = which == 75 ? arch / 10 : which == 76 ? arch % 10
     : found == values.end() ? 0 : found->second;
  return 0;
}
X R cuDevicePrimaryCtxRetain(P* context, int) {
  static P only = handle(); *context = only; return 0;
}
X R cuDevicePrimaryCtxGetState(int, unsigned* flags, int* active) {
  *flags = 0; *active = 1; return 0;
}
X R cuCtxGetCurrent(P* context) { *context = current; return 0; }
X R cuCtxSetCurrent(P context) { current = context; return 0; }
X R cuCtxPushCurrent_v2(P context) { stack[depth++ & 15] = current; current = context; return 0; }
X R cuCtxPopCurrent_v2(P* context) {
  if (context) *context = current; current = stack[--depth & 15]; return 0;
}
X R cuCtxGetDevice(int* device) { *device = 0; return 0; }
X R cuCtxGetStreamPriorityRange(int* least, int* greatest) { *least = 0; *greatest = -5; return 0; }

// Device memory is this process's own, taken from the system when it is first touched.
X R cuMemAlloc_v2(P* p, size_t n) {
  void* block = mmap(0, n ? n : 1, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (n > available || block == MAP_FAILED) return 2;
  std::lock_guard<std::recursive_mutex> held(lock);
  blocks[*p = (P)block] = n;
  return 0;
}
X R cuMemFree_v2(P p) {
  std::lock_guard<std::recursive_mutex> held(lock);
  auto block = blocks.find(p);
  if (block != blocks.end()) {
    munmap((void*)p, block->second ? block->second : 1);
    blocks.erase(block);
  }
  return 0;
}
X R cuMemAllocAsync(P* p, size_t n, P) { return cuMemAlloc_v2(p, n); }
X R cuMemFreeAsync(P p, P) { return cuMemFree_v2(p); }
X R cuMemGetInfo_v2(size_t* f, size_t* t) { *f = available; *t = total; return 0; }
X R cuMemHostAlloc(void** p, size_t n, unsigned) {
  return posix_memalign(p, 4096, n ? n : 1) ? 2 : 0;
}
X R cuMemAllocHost_v2(void** p, size_t n) { return posix_memalign(p, 4096, n ? n : 1) ? 2 : 0; }
X R cuMemFreeHost(void* p) { free(p); return 0; }
X R cuMemHostGetDevicePointer_v2(P* d, void* p, unsigned) { *d = (P)p; return 0; }
X R cuMemGetAddressRange_v2(P* start, size_t* n, P p) {
  std::lock_guard<std::recursive_mutex> held(lock);
  auto block = blocks.upper_bound(p);
  if (block == blocks.begin() || p >= (--block)->first + block->second) return 1;
  if (start) *start = block->first;
  if (n) *n = block->second;
  return 0;
}
X R cuPointerGetAttribute(void* v, int which, P p) {
  P start;
  if (cuMemGetAddressRange_v2(&start, 0, p)) return 1;
  if (which == 1) return cuDevicePrimaryCtxRetain((P*)v, 0);
  if (which == 3) *(P*)v = p; else *(unsigned*)v = which == 2 ? 2 : 0;
  return 0;
}

/** Whether an image, a fat binary or machine code, has anything for this GPU that is not zeros. */
static void look(const void* data) {
  const unsigned char* b = (const unsigned char*)data;
  if (*(const uint32_t*)b == 0x466243b1) b = *(const unsigned char* const*)(b + 8);
  if (*(const uint32_t*)b != 0xba55ed50) {
    if (logs) fprintf(stderr, "fake: machine code loaded\n");
    return;
  }
  bool has = false;
  const unsigned char* end = b + *(const uint16_t*)(b + 6) + *(const uint64_t*)(b + 8);
  for (const unsigned char* e = b + *(const uint16_t*)(b + 6); e < end;) {
    const unsigned char* code = e + *(const uint32_t*)(e + 4);
    const uint64_t n = *(const uint64_t*)(e + 8);
    const long kind = *(const uint16_t*)e, its = *(const uint32_t*)(e + 28);
    bool zero = true;
    for (uint64_t i = 0; zero && i < n; i++) zero = code[i] == 0;
    has |= !zero && (kind == 2 ? its / 10 == arch / 10 && its <= arch : its <= arch);
    e = code + n;
  }
  if (!has) fprintf(stderr, "fake: a fat binary without code for this GPU\n");
  else if (logs) fprintf(stderr, "fake: a fat binary loaded\n");
}
X R cuModuleLoadData(P* module, const void* data) { look(data); *module = handle(); return 0; }
X R cuModuleLoadDataEx(P* module, const void* data) { return cuModuleLoadData(module, data); }
X R cuModuleLoadFatBinary(P* module, const void* data) { return cuModuleLoadData(module, data); }
X R cuLibraryLoadData(P* library, const void* data) { return cuModuleLoadData(library, data); }
X R cuModuleGetGlobal_v2(P* p, size_t* n, P, const char*) {
  P block; cuMemAlloc_v2(&block, 1 << 20); if (p) *p = block; if (n) *n = 1 << 20; return 0;
}
static R ofFunction(int* v, int which) {
  *v = which == 0 ? 1024 : which == 4 ? 32 : which == 5 || which == 6 ? arch : 0; return 0;
}
X R cuFuncGetAttribute(int* v, int which, P) { return ofFunction(v, which); }
X R cuKernelGetAttribute(int* v, int which, P, int) { return ofFunction(v, which); }
X R cuOccupancyMaxActiveBlocksPerMultiprocessor(int* n) { *n = 2; return 0; }
X R cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* n) { *n = 2; return 0; }
X R cuEventElapsedTime(float* ms, P, P) { *ms = 0.01f; return 0; }
X R cuEventElapsedTime_v2(float* ms, P, P) { *ms = 0.01f; return 0; }
X R cuLaunchHostFunc(P, void (*call)(void*), void* data) { call(data); return 0; }
X R cuStreamAddCallback(P stream, void (*call)(P, R, void*), void* data, unsigned) {
  call(stream, 0, data); return 0;
}
X R cuStreamEndCapture(P, P* graph) { *graph = handle(); return 0; }
X R cuStreamIsCapturing(P, int* v) { *v = 0; return 0; }
X R cuGraphGetNodes(P, P* nodes, size_t* n) { *n = 1; if (nodes) *nodes = handle(); return 0; }
X R cuGraphGetRootNodes(P graph, P* nodes, size_t* n) { return cuGraphGetNodes(graph, nodes, n); }
X R cuMemGetAllocationGranularity(size_t* n) { *n = 2097152; return 0; }
X R cuGetErrorName(R r, const char** text) {
  *text = r == 2 ? "CUDA_ERROR_OUT_OF_MEMORY" : r == 100 ? "CUDA_ERROR_NO_DEVICE"
        : "CUDA_ERROR_FAKE";
  return 0;
}
X R cuGetErrorString(R r, const char** text) { return cuGetErrorName(r, text); }
"""

RUNTIME = r"""
extern "C" {
  R cuDeviceGetAttribute(int*, int, int); R cuDriverGetVersion(int*); R cuMemAlloc_v2(P*, size_t);
  R cuMemFree_v2(P); R cuModuleLoadData(P*, const void*);
}
X R cudaRuntimeGetVersion(int* v) { *v = 12050; return 0; }
X R cudaDriverGetVersion(int* v) { return cuDriverGetVersion(v); }
X R cudaGetDeviceCount(int* n) { *n = 1; return 0; }
X R cudaGetDevice(int* device) { *device = 0; return 0; }
X const char* cudaGetErrorString(R) { return "fake"; }
X const char* cudaGetErrorName(R) { return "fake"; }
X R cudaDeviceGetAttribute(int* v, int which, int device) {
  return cuDeviceGetAttribute(v, which, device);
}
X R cudaMalloc(P* p, size_t n) { return cuMemAlloc_v2(p, n); }
X R cudaFree(P p) { return cuMemFree_v2(p); }
X R cudaMemcpy(void* to, void* from, size_t n, int) { memmove(to, from, n); return 0; }
X R cudaMemcpyAsync(void* to, void* from, size_t n, int, P) { memmove(to, from, n); return 0; }
X R cudaMemsetAsync(void* to, int x, size_t n, P) { memset(to, x, n); return 0; }
X R cudaFuncGetAttributes(int* a, const void*) {
  memset(a, 0, 64); a[6] = 1024; a[7] = 32; a[8] = a[9] = 90; return 0;
}
X R cudaOccupancyMaxActiveBlocksPerMultiprocessor(int* n) { *n = 2; return 0; }
X R cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* n) { *n = 2; return 0; }
X R cudaGetFuncBySymbol(P* function, const void*) {
  static P only = handle(); *function = only; return 0;
}
X R cudaStreamIsCapturing(P, int* v) { *v = 0; return 0; }
X R cudaGetDeviceProperties_v2(char* p, int) {  // places of cudaDeviceProp, CUDA 12
  int* i = (int*)p;
  memset(p, 0, 1032);
  strcpy(p, "Fake GPU");
  *(size_t*)(p + 288) = 150000000000ull; *(size_t*)(p + 296) = 49152; *(size_t*)(p + 352) = 65536;
  i[76] = 65536; i[77] = 32; i[80] = i[81] = i[82] = 1024; i[83] = 64; i[84] = 2147483647;
  i[85] = i[86] = 65535; i[87] = 1980000;
  cuDeviceGetAttribute(i + 90, 75, 0); i[97] = 132; i[156] = 2048;
  return 0;
}
struct Dim { unsigned x, y, z; };
static thread_local struct { Dim grid, block; size_t shared; void* stream; } launch;
X unsigned __cudaPushCallConfiguration(Dim grid, Dim block, size_t shared, void* stream) {
  launch = {grid, block, shared, stream}; return 0;
}
X R __cudaPopCallConfiguration(Dim* grid, Dim* block, size_t* shared, void** stream) {
  *grid = launch.grid; *block = launch.block; *shared = launch.shared; *stream = launch.stream;
  return 0;
}
X void** __cudaRegisterFatBinary(void* image) {
  P module; cuModuleLoadData(&module, image); return (void**)handle();
}
X char __cudaInitModule(void**) { return 0; }
"""

CUBLAS = r"""
X R cublasCreate_v2(P* h) { *h = handle(); return 0; }
X R cublasGetVersion_v2(P, int* v) { *v = 120503; return 0; }
X R cublasGetProperty(int which, int* v) { *v = which == 0 ? 12 : which == 1 ? 5 : 3; return 0; }
"""

CUBLASLT = r"""
struct Found { uint64_t algorithm[8]; size_t workspace; R state; float waves; int reserved[4]; };
X size_t cublasLtGetVersion() { return 120503; }
X R cublasLtMatmulAlgoGetHeuristic(P, P, P, P, P, P, P, int n, Found* found, int* count) {
  *count = n < 2 ? n : 2;
  memset(found, 0, sizeof(Found) * *count);
  for (int i = 0; i < *count; i++) found[i].algorithm[0] = i + 1;
  return 0;
}
"""

CUDNN = r"""
X size_t cudnnGetVersion() { return 90300; }
X R cudnnGetProperty(int which, int* v) { *v = which == 0 ? 9 : which == 1 ? 3 : 0; return 0; }
X const char* cudnnGetErrorString(R) { return "fake"; }
"""

# file, how its names begin, what of it answers; everything else of these names succeeds and does
# nothing
LIBRARIES = [
    ("libcuda.so.1", r"cu[A-Z]", DRIVER),
    ("libnvidia-ml.so.1", r"nvml[A-Z]", ""),
    ("libcudart.so.12", r"(?:__)?cuda[A-Z]", RUNTIME),
    ("libcublas.so.12", r"cublas[A-KM-Z]|cublasL[a-su-z]", CUBLAS),
    ("libcublasLt.so.12", r"cublasLt[A-Z]", CUBLASLT),
    ("libcudnn.so.9", r"cudnn[A-Z]", CUDNN),
    ("libcufft.so.11", r"cufft[A-Z]", ""),
    ("libcusolver.so.11", r"cusolver[A-Z]", ""),
    ("libcusparse.so.12", r"cusparse[A-Z]", ""),
]
COPY = "static R copy(P to, P from, size_t n) { memmove((void*)to, (void*)from, n); return 0; }\n"
MAKES = (
    r"Create(WithPriority|_v2)?$|^cuGraph(Add\w*Node|Instantiate|Clone|ConditionalHandle)|_create$"
    r"|GetFunction$|GetKernel$|GetModule$|GetDefaultMemPool$"
)


def body(name):
    """What a function does that has no definition of its own, told by its name."""
    if re.match(r"cuMemcpy(HtoD|DtoH|DtoD)?(Async)?(_v2)?(_pt[ds]{1,2}z?)?$", name):
        return "(P to, P from, size_t n) { return copy(to, from, n); }"
    found = re.match(r"cuMemsetD(8|16|32)(Async)?(_v2)?$", name)
    if found:
        return (
            f"(P to, uint{found[1]}_t x, size_t n) {{ for (size_t i = 0; i < n; i++) "
            f"((uint{found[1]}_t*)to)[i] = x; return 0; }}"
        )
    return (
        "(P* made) { *made = handle(); return 0; }"
        if re.search(MAKES, name)
        else "() { return 0; }"
    )


def main(folder):
    names = set()
    for library in ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2"):
        with open(os.path.join(NATIVE, library), "rb") as file, mmap.mmap(
            file.fileno(), 0, access=mmap.ACCESS_READ
        ) as data:
            names |= {
                text.decode()
                for text in re.findall(rb"\0((?:__)?(?:cu|nvml)[A-Za-z]\w{4,80})(?=\0)", data)
            }
    os.makedirs(folder, exist_ok=True)
    for library, prefix, code in LIBRARIES:
        own = set(re.findall(r"^X .*?(\w+)\(", code, re.M))
        others = [name for name in sorted(names) if re.match(prefix, name) and name not in own]
        source = os.path.join(folder, library + ".cc")
        with open(source, "w") as file:
            file.write(
                COMMON + COPY + code + "".join(f"X R {name}{body(name)}\n" for name in others)
            )
        link = ["-L", folder, "-l:libcuda.so.1"] if code is RUNTIME else []
        subprocess.run(
            [
                "g++",
                "-O1",
                "-w",
                "-shared",
                "-fPIC",
                f"-Wl,-soname,{library}",
                "-o",
                os.path.join(folder, library),
                source,
                *link,
            ],
            check=True,
        )
        os.remove(source)
        print(f"{library}: {len(own) + len(others)} functions")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(os.path.abspath(sys.argv[1]))
