// The kernels of ../wasm/kernels that inference needs, once more in C++ (llm/runtime): the same names,
// the same arguments (byte offsets into one memory), the same order of numbers in packed weights, so
// that the same bytes serve both. `npm run native` compiles this for the processor it runs on. What
// each kernel computes is said in ../wasm/kernels/packed.ts and paged.ts; here only what is different.
#include <node_api.h>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#if defined(__AVX2__)
#include <immintrin.h>
#endif

namespace {

// Raised with every change of names, arguments or layouts; ./kernelAddon.ts expects the same number.
constexpr int VERSION = 1;
constexpr int TILE = 8;
constexpr int BLOCK = 32;

// Eight floats, wherever they lie.
typedef float f8 __attribute__((vector_size(32), aligned(4)));
inline f8 load(const float* p) { return *reinterpret_cast<const f8*>(p); }
inline void store(float* p, f8 v) { *reinterpret_cast<f8*>(p) = v; }
inline f8 splat(float x) { return f8{x, x, x, x, x, x, x, x}; }

/** Arguments of a call: numbers, and offsets into the memory. */
struct Args {
  char* base;
  const double* numbers;
  int at = 0;
  int i() { return static_cast<int>(numbers[at++]); }
  float f() { return static_cast<float>(numbers[at++]); }
  template <typename T>
  T* p() {
    const double offset = numbers[at++];
    return offset == 0 ? nullptr : reinterpret_cast<T*>(base + static_cast<size_t>(offset));
  }
};

void finish(float* y, const float* bias, int add, f8 sum) {
  if (bias) sum += load(bias);
  if (add) sum += load(y);
  store(y, sum);
}

/** Rows R of x times T tiles at once; every number is summed in the order of k. */
template <int R, int T>
void product(const float* x, size_t ldx, int K, const float* w, float* y, size_t ldy, const float* bias, int add) {
  f8 sums[R][T];
  for (int r = 0; r < R; r++)
    for (int t = 0; t < T; t++) sums[r][t] = splat(0);
  for (int k = 0; k < K; k++) {
    f8 v[T];
    for (int t = 0; t < T; t++) v[t] = load(w + (static_cast<size_t>(t) * K + k) * TILE);
    for (int r = 0; r < R; r++) {
      const f8 a = splat(x[r * ldx + k]);
      for (int t = 0; t < T; t++) sums[r][t] += a * v[t];
    }
  }
  for (int r = 0; r < R; r++)
    for (int t = 0; t < T; t++) finish(y + r * ldy + t * TILE, bias ? bias + t * TILE : nullptr, add, sums[r][t]);
}

template <int T>
void productRows(const float* x, size_t ldx, int M, int K, const float* w, float* y, size_t ldy, const float* bias, int add) {
  int m = 0;
  for (; m + 4 <= M; m += 4) product<4, T>(x + m * ldx, ldx, K, w, y + m * ldy, ldy, bias, add);
  for (; m < M; m++) product<1, T>(x + m * ldx, ldx, K, w, y + m * ldy, ldy, bias, add);
}

void mulF32(Args a) {
  auto x = a.p<float>();
  const int ldx = a.i(), M = a.i(), K = a.i();
  auto w = a.p<float>();
  auto y = a.p<float>();
  const int ldy = a.i();
  auto bias = a.p<float>();
  const int add = a.i();
  int t = a.i();
  const int t1 = a.i();
  while (t < t1) {
    const float* tile = w + static_cast<size_t>(t) * K * TILE;
    float* to = y + t * TILE;
    const float* b = bias ? bias + t * TILE : nullptr;
    if (M == 1 && t + 4 <= t1) { product<1, 4>(x, ldx, K, tile, to, ldy, b, add); t += 4; }
    else if (t + 2 <= t1) { productRows<2>(x, ldx, M, K, tile, to, ldy, b, add); t += 2; }
    else { productRows<1>(x, ldx, M, K, tile, to, ldy, b, add); t += 1; }
  }
}

int blocksOf(int K) { return (K + BLOCK - 1) / BLOCK; }

void quantizeRows(Args a) {
  auto x = a.p<float>();
  const int ldx = a.i(), M = a.i(), K = a.i(), blocks = blocksOf(K);
  auto q = a.p<char>();
  for (int m = 0; m < M; m++) {
    auto out = reinterpret_cast<int16_t*>(q + static_cast<size_t>(m) * blocks * 72);
    auto scales = reinterpret_cast<float*>(out + blocks * BLOCK);
    auto sums = scales + blocks;
    for (int b = 0; b < blocks; b++) {
      const float* p = x + static_cast<size_t>(m) * ldx + b * BLOCK;
      const int n = K - b * BLOCK < BLOCK ? K - b * BLOCK : BLOCK;
      float high = 0;
      for (int i = 0; i < n; i++) high = std::fabs(p[i]) > high ? std::fabs(p[i]) : high;
      const float d = high / 127, inverse = d > 0 ? 1 / d : 0;
      int sum = 0;
      for (int i = 0; i < BLOCK; i++) {
        const int level = i < n ? static_cast<int>(std::nearbyint(p[i] * inverse)) : 0;
        out[b * BLOCK + i] = static_cast<int16_t>(level);
        sum += level;
      }
      scales[b] = d;
      sums[b] = d * sum;
    }
  }
}

/** Rows as `quantizeRows` gives them. */
struct Rows {
  const char* q;
  int blocks;
  const int16_t* numbers(int m) const { return reinterpret_cast<const int16_t*>(q + static_cast<size_t>(m) * blocks * 72); }
  const float* scales(int m) const { return reinterpret_cast<const float*>(numbers(m) + blocks * BLOCK); }
  const float* sums(int m) const { return scales(m) + blocks; }
};

#if defined(__AVX2__)
typedef __m256i Sums;
inline Sums none() { return _mm256_setzero_si256(); }
inline f8 floats(Sums i) { return (f8)_mm256_cvtepi32_ps(i); }
/** c + a · b in pairs of int16. */
inline __m256i dot(__m256i a, __m256i b, __m256i c) {
#if defined(__AVX512VNNI__) && defined(__AVX512VL__)
  return _mm256_dpwssd_epi32(c, a, b);
#else
  return _mm256_add_epi32(c, _mm256_madd_epi16(a, b));
#endif
}
inline __m256i pairOf(const int16_t* x) {
  int32_t two;
  std::memcpy(&two, x, 4);
  return _mm256_set1_epi32(two);
}

/** A block's 256 numbers of 4 bits times a block of R rows. */
template <int R>
inline void fourBits(const uint8_t* w, const int16_t* const* x, Sums* c) {
  const __m256i low = _mm256_set1_epi16(15);
  for (int j = 0; j < 4; j++) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 32 * j));
    const __m256i parts[4] = {
        _mm256_and_si256(v, low), _mm256_and_si256(_mm256_srli_epi16(v, 4), low),
        _mm256_and_si256(_mm256_srli_epi16(v, 8), low), _mm256_srli_epi16(v, 12)};
    for (int r = 0; r < R; r++)
      for (int i = 0; i < 4; i++) c[r] = dot(parts[i], pairOf(x[r] + 8 * j + 2 * i), c[r]);
  }
}

/** The same for numbers of 8 bits: the sums of k and of k + 2 lie in two halves, added at the end. */
template <int R>
inline void eightBits(const uint8_t* w, const int16_t* const* x, Sums* c) {
  __m256i first[R], second[R];
  for (int r = 0; r < R; r++) first[r] = second[r] = none();
  const __m256i low = _mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1), high = _mm256_setr_epi32(2, 2, 2, 2, 3, 3, 3, 3);
  for (int j = 0; j < 4; j++) {
    const auto wide = [&](int at) { return _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w + at))); };
    const __m256i a = wide(32 * j), b = wide(32 * j + 16), d = wide(128 + 32 * j), e = wide(144 + 32 * j);
    for (int r = 0; r < R; r++) {
      const __m256i eight = _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(x[r] + 8 * j)));
      const __m256i u = _mm256_permutevar8x32_epi32(eight, low), v = _mm256_permutevar8x32_epi32(eight, high);
      first[r] = dot(b, v, dot(a, u, first[r]));
      second[r] = dot(e, v, dot(d, u, second[r]));
    }
  }
  for (int r = 0; r < R; r++)
    c[r] = _mm256_add_epi32(_mm256_permute2x128_si256(first[r], second[r], 0x20), _mm256_permute2x128_si256(first[r], second[r], 0x31));
}
#else
struct Sums { int32_t lane[8]; };
inline Sums none() { return Sums{}; }
inline f8 floats(Sums i) {
  f8 v;
  for (int j = 0; j < 8; j++) v[j] = static_cast<float>(i.lane[j]);
  return v;
}
template <int R>
inline void fourBits(const uint8_t* w, const int16_t* const* x, Sums* c) {
  for (int j = 0; j < 4; j++)
    for (int lane = 0; lane < 16; lane++) {
      const int word = w[32 * j + 2 * lane] | (w[32 * j + 2 * lane + 1] << 8);
      for (int r = 0; r < R; r++)
        for (int i = 0; i < 4; i++) c[r].lane[lane / 2] += ((word >> (4 * i)) & 15) * x[r][8 * j + 2 * i + lane % 2];
    }
}
template <int R>
inline void eightBits(const uint8_t* w, const int16_t* const* x, Sums* c) {
  for (int half = 0; half < 2; half++)
    for (int pair = 0; pair < 16; pair++)
      for (int lane = 0; lane < 8; lane++)
        for (int r = 0; r < R; r++)
          c[r].lane[4 * half + lane / 2] += static_cast<int8_t>(w[128 * half + 8 * pair + lane]) * x[r][2 * pair + lane % 2];
}
#endif

/** R rows from `m` on times one tile of whole numbers; `bytes` of a block, `head` of them scales. */
template <int R, bool FOUR>
void blockProduct(const Rows& rows, int m, const uint8_t* w, float* y, size_t ldy, const float* bias, int add) {
  f8 sums[R];
  const int16_t* x[R];
  for (int r = 0; r < R; r++) { sums[r] = splat(0); x[r] = rows.numbers(m + r); }
  for (int b = 0; b < rows.blocks; b++) {
    Sums c[R];
    for (int r = 0; r < R; r++) c[r] = none();
    if (FOUR) fourBits<R>(w + 64, x, c); else eightBits<R>(w + 32, x, c);
    const f8 scale = load(reinterpret_cast<const float*>(w));
    for (int r = 0; r < R; r++) {
      sums[r] += floats(c[r]) * scale * splat(rows.scales(m + r)[b]);
      if (FOUR) sums[r] += load(reinterpret_cast<const float*>(w) + TILE) * splat(rows.sums(m + r)[b]);
      x[r] += BLOCK;
    }
    w += FOUR ? 192 : 288;
  }
  for (int r = 0; r < R; r++) finish(y + r * ldy, bias, add, sums[r]);
}

template <bool FOUR>
void mulBlocks(Args a) {
  auto q = a.p<char>();
  const int M = a.i(), K = a.i();
  auto w = a.p<uint8_t>();
  auto y = a.p<float>();
  const int ldy = a.i();
  auto bias = a.p<float>();
  const int add = a.i(), t0 = a.i(), t1 = a.i();
  const Rows rows{q, blocksOf(K)};
  const size_t size = static_cast<size_t>(rows.blocks) * (FOUR ? 192 : 288);
  for (int t = t0; t < t1; t++) {
    const float* b = bias ? bias + t * TILE : nullptr;
    int m = 0;
    for (; m + 4 <= M; m += 4) blockProduct<4, FOUR>(rows, m, w + t * size, y + static_cast<size_t>(m) * ldy + t * TILE, ldy, b, add);
    for (; m < M; m++) blockProduct<1, FOUR>(rows, m, w + t * size, y + static_cast<size_t>(m) * ldy + t * TILE, ldy, b, add);
  }
}

/** Positions and tables of rows. */
struct Places {
  const char* base;
  const int32_t* rows;
  int position(int r) const { return rows[2 * r]; }
  int block(int r, int number) const {
    return reinterpret_cast<const int32_t*>(base + static_cast<uint32_t>(rows[2 * r + 1]))[number];
  }
};

void storeRows(Args a) {
  auto k = a.p<float>();
  auto v = a.p<float>();
  const int ld = a.i();
  auto keys = a.p<float>();
  auto values = a.p<float>();
  const Places at{a.base, a.p<int32_t>()};
  const int M = a.i(), G = a.i(), D = a.i(), B = a.i();
  for (int r = 0; r < M; r++) {
    const int p = at.position(r), block = at.block(r, p / B);
    for (int g = 0; g < G; g++) {
      const size_t to = (static_cast<size_t>(block * G + g) * B + p % B) * D, from = static_cast<size_t>(r) * ld + g * D;
      std::memcpy(keys + to, k + from, D * sizeof(float));
      std::memcpy(values + to, v + from, D * sizeof(float));
    }
  }
}

void ropeRows(Args a) {
  auto x = a.p<float>();
  const int ld = a.i();
  const Places at{a.base, a.p<int32_t>()};
  const int M = a.i(), heads = a.i(), D = a.i(), h = D / 2;
  auto cos = a.p<float>();
  auto sin = a.p<float>();
  for (int r = 0; r < M; r++) {
    const float *c = cos + static_cast<size_t>(at.position(r)) * h, *s = sin + static_cast<size_t>(at.position(r)) * h;
    for (int n = 0; n < heads; n++) {
      float *p = x + static_cast<size_t>(r) * ld + n * D, *q = p + h;
      for (int i = 0; i < h; i++) {
        const float e = p[i], f = q[i];
        p[i] = e * c[i] - f * s[i];
        q[i] = f * c[i] + e * s[i];
      }
    }
  }
}

float inner(const float* a, const float* b, int D) {
  f8 sum = splat(0);
  int i = 0;
  for (; i + 8 <= D; i += 8) sum += load(a + i) * load(b + i);
  float total = ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
  for (; i < D; i++) total += a[i] * b[i];
  return total;
}

void pagedAttention(Args a) {
  auto q = a.p<float>();
  const int ldq = a.i();
  auto keys = a.p<float>();
  auto values = a.p<float>();
  const Places at{a.base, a.p<int32_t>()};
  auto out = a.p<float>();
  const int ldo = a.i(), H = a.i(), G = a.i(), D = a.i(), B = a.i(), window = a.i();
  const float scale = a.f();
  const int from = a.i(), to = a.i();
  auto weights = a.p<float>();
  for (int item = from; item < to; item++) {
    const int r = item / G, g = item % G, p = at.position(r), first = p - window + 1 > 0 ? p - window + 1 : 0;
    for (int h = g * (H / G); h < (g + 1) * (H / G); h++) {
      const float* query = q + static_cast<size_t>(r) * ldq + h * D;
      float* o = out + static_cast<size_t>(r) * ldo + h * D;
      std::memset(o, 0, D * sizeof(float));
      float most = -std::numeric_limits<float>::infinity(), total = 0;
      for (int n = first / B; n <= p / B; n++) {
        const int j0 = first - n * B > 0 ? first - n * B : 0, j1 = p - n * B + 1 < B ? p - n * B + 1 : B;
        const size_t start = (static_cast<size_t>(at.block(r, n) * G + g) * B + j0) * D;
        const float *k = keys + start, *v = values + start;
        const int count = j1 - j0;
        float high = most;
        for (int j = 0; j < count; j++) {
          weights[j] = inner(query, k + j * D, D) * scale;
          high = weights[j] > high ? weights[j] : high;
        }
        const float keep = std::exp(most - high);
        float sum = 0;
        for (int j = 0; j < count; j++) sum += weights[j] = std::exp(weights[j] - high);
        total = total * keep + sum;
        most = high;
        int i = 0;
        for (; i + 8 <= D; i += 8) {
          f8 mixed = load(o + i) * splat(keep);
          for (int j = 0; j < count; j++) mixed += splat(weights[j]) * load(v + j * D + i);
          store(o + i, mixed);
        }
        for (; i < D; i++) {
          float mixed = o[i] * keep;
          for (int j = 0; j < count; j++) mixed += weights[j] * v[j * D + i];
          o[i] = mixed;
        }
      }
      for (int i = 0; i < D; i++) o[i] /= total;
    }
  }
}

void rmsNorm(Args a) {
  auto x = a.p<float>();
  auto gain = a.p<float>();
  auto y = a.p<float>();
  auto scales = a.p<float>();
  const int R = a.i(), N = a.i();
  const float eps = a.f();
  for (int r = 0; r < R; r++, x += N, y += N) {
    const float scale = 1 / std::sqrt(inner(x, x, N) / N + eps);
    scales[r] = scale;
    for (int i = 0; i < N; i++) y[i] = x[i] * scale * gain[i];
  }
}

void layerNorm(Args a) {
  auto x = a.p<float>();
  auto gain = a.p<float>();
  auto bias = a.p<float>();
  auto y = a.p<float>();
  auto h = a.p<float>();
  auto scales = a.p<float>();
  const int R = a.i(), N = a.i();
  const float eps = a.f();
  for (int r = 0; r < R; r++, x += N, y += N, h += N) {
    float mean = 0, variance = 0;
    for (int i = 0; i < N; i++) mean += x[i];
    mean /= N;
    for (int i = 0; i < N; i++) variance += (x[i] - mean) * (x[i] - mean);
    scales[r] = 1 / std::sqrt(variance / N + eps);
    for (int i = 0; i < N; i++) {
      h[i] = (x[i] - mean) * scales[r];
      y[i] = h[i] * gain[i] + (bias ? bias[i] : 0);
    }
  }
}

void swiglu(Args a) {
  auto gate = a.p<float>();
  auto up = a.p<float>();
  auto y = a.p<float>();
  const int n = a.i();
  for (int i = 0; i < n; i++) y[i] = gate[i] / (1 + std::exp(-gate[i])) * up[i];
}

void gelu(Args a) {
  auto x = a.p<float>();
  auto y = a.p<float>();
  const int n = a.i();
  for (int i = 0; i < n; i++) y[i] = 0.5f * x[i] * (1 + std::tanh(0.7978845608028654f * (x[i] + 0.044715f * x[i] * x[i] * x[i])));
}

void relu(Args a) {
  auto x = a.p<float>();
  const int n = a.i(), squared = a.i();
  for (int i = 0; i < n; i++) {
    const float b = x[i] > 0 ? x[i] : 0;
    x[i] = squared ? b * b : b;
  }
}

typedef void (*Kernel)(Args);
const struct { const char* name; Kernel kernel; } KERNELS[] = {
    {"mulF32", mulF32}, {"quantizeRows", quantizeRows}, {"mulInt8", mulBlocks<false>}, {"mulInt4", mulBlocks<true>},
    {"storeRows", storeRows}, {"ropeRows", ropeRows}, {"pagedAttention", pagedAttention}, {"rmsNorm", rmsNorm},
    {"layerNorm", layerNorm}, {"swiglu", swiglu}, {"gelu", gelu}, {"relu", relu},
};

/** A kernel on a memory. */
struct Bound { char* base; Kernel kernel; };

napi_value call(napi_env env, napi_callback_info info) {
  constexpr size_t MOST = 20;
  napi_value values[MOST];
  double numbers[MOST];
  size_t count = MOST;
  void* data;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  for (size_t i = 0; i < count && i < MOST; i++)
    if (napi_get_value_double(env, values[i], &numbers[i]) != napi_ok) {
      napi_throw_type_error(env, nullptr, "kernels: expected numbers");
      return nullptr;
    }
  const auto bound = static_cast<Bound*>(data);
  bound->kernel(Args{bound->base, numbers});
  return nullptr;
}

/** bind(buffer): the kernels on a memory that never moves, as functions of numbers. */
napi_value bind(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value buffer, kernels;
  void* base;
  size_t length;
  napi_get_cb_info(env, info, &count, &buffer, nullptr, nullptr);
  if (napi_get_arraybuffer_info(env, buffer, &base, &length) != napi_ok) {
    napi_throw_type_error(env, nullptr, "kernels: expected an ArrayBuffer");
    return nullptr;
  }
  napi_create_object(env, &kernels);
  for (const auto& [name, kernel] : KERNELS) {
    napi_value f;
    const auto bound = new Bound{static_cast<char*>(base), kernel};
    napi_create_function(env, name, NAPI_AUTO_LENGTH, call, bound, &f);
    napi_add_finalizer(env, f, bound, [](napi_env, void* it, void*) { delete static_cast<Bound*>(it); }, nullptr, nullptr);
    napi_set_named_property(env, kernels, name, f);
  }
  return kernels;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value version, f;
  napi_create_int32(env, VERSION, &version);
  napi_set_named_property(env, exports, "version", version);
  napi_create_function(env, "bind", NAPI_AUTO_LENGTH, bind, nullptr, &f);
  napi_set_named_property(env, exports, "bind", f);
  return exports;
}
