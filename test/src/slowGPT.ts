// Both families of GPT once more, with loops over plain numbers and nothing shared with src: the slow
// specification of what every hook sees and of what follows from a replacement. One text, no batch;
// a hooked value is nested lists, heads first.
import type { GPTConfig } from "llm/gpt";
import type { Recorded } from "./reference";

type Row = number[];
type Rows = Row[];
/** Any of the values of a pass: (T, C), or with heads (H, T, D) or (H, T, T). */
export type Value = Rows | Rows[];
export type SlowHook = (name: string, value: Value) => Value;

const sum = (a: Row) => a.reduce((s, x) => s + x, 0);
const plus = (a: Rows, b: Rows) => a.map((row, t) => row.map((x, c) => x + b[t][c]));
const softmax = (a: Row) => {
  const exps = a.map((x) => Math.exp(x - Math.max(...a)));
  return exps.map((e) => e / sum(exps));
};
const gelu = (x: number) =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
const silu = (x: number) => x / (1 + Math.exp(-x));

/** logits (T, V) of one text */
export function slowGPT(
  weights: Record<string, Recorded>,
  config: GPTConfig,
  ids: number[],
  at: SlowHook = (_, value) => value,
): Rows {
  const llama = config.family === "llama";
  const { nHead: H, nKvHead: K = H, nEmbd: C, headWidth: D = C / H, normEps = 1e-5 } = config;
  const see = <V extends Value>(name: string, value: V) => at(name, value) as V;
  const flat = (name: string) => weights[name]?.values;
  const matrix = (name: string): Rows => {
    const [rows, columns] = weights[name].shape;
    return Array.from({ length: rows }, (_, i) => flat(name).slice(i * columns, (i + 1) * columns));
  };
  /** x · W + b; in LLaMA W is stored (out, in). */
  const layer = (x: Rows, name: string): Rows => {
    const w = matrix(`${name}.weight`);
    const bias = flat(`${name}.bias`);
    const out = llama ? w.length : w[0].length;
    return x.map((row) =>
      Array.from({ length: out }, (_, o) => {
        const product = sum(row.map((v, i) => v * (llama ? w[o][i] : w[i][o])));
        return product + (bias?.[o] ?? 0);
      }),
    );
  };
  const norm = (x: Rows, name: string): Rows => {
    const [gain, bias] = [flat(`${name}.weight`), flat(`${name}.bias`)];
    return x.map((row) => {
      const mean = llama ? 0 : sum(row) / row.length;
      const square = sum(row.map((v) => (v - mean) ** 2)) / row.length;
      const size = Math.sqrt(square + (llama ? normEps : 1e-5));
      return row.map((v, c) => ((v - mean) / size) * gain[c] + (bias?.[c] ?? 0));
    });
  };
  const heads = (x: Rows, n: number): Rows[] =>
    Array.from({ length: n }, (_, h) => x.map((row) => row.slice(h * D, (h + 1) * D)));
  const rotate = (x: Rows[]): Rows[] =>
    x.map((head) =>
      head.map((row, t) =>
        row.map((v, d) => {
          const pair = d % (D / 2);
          const angle = t * (config.ropeBase ?? 10000) ** ((-2 * pair) / D);
          const other = d < D / 2 ? -row[d + D / 2] : row[d - D / 2];
          return v * Math.cos(angle) + other * Math.sin(angle);
        }),
      ),
    );
  const table = matrix(llama ? "model.embed_tokens.weight" : "transformer.wte.weight");
  const names = llama
    ? { ln1: "input_layernorm", ln2: "post_attention_layernorm", end: "self_attn.o_proj" }
    : { ln1: "ln_1", ln2: "ln_2", end: "attn.c_proj" };
  let x = see(
    "hook_embed",
    ids.map((id) => table[id]),
  );
  if (!llama) {
    const places = matrix("transformer.wpe.weight").slice(0, ids.length);
    x = plus(x, see("hook_pos_embed", places));
  }
  for (let i = 0; i < config.nLayer; i++) {
    const p = llama ? `model.layers.${i}.` : `transformer.h.${i}.`;
    const b = `blocks.${i}.`;
    x = see(`${b}hook_resid_pre`, x);
    const read = see(`${b}ln1.hook_normalized`, norm(x, p + names.ln1));
    const all = llama ? [] : layer(read, `${p}attn.c_attn`);
    const [q0, k0, v] = (["q", "k", "v"] as const).map((which, n) => {
      const own = llama
        ? layer(read, `${p}self_attn.${which}_proj`)
        : all.map((row) => row.slice(n * C, (n + 1) * C));
      return see(`${b}attn.hook_${which}`, heads(own, which === "q" ? H : K));
    });
    const q = llama ? see(`${b}attn.hook_rot_q`, rotate(q0)) : q0;
    const k = llama ? see(`${b}attn.hook_rot_k`, rotate(k0)) : k0;
    const group = (h: number) => Math.floor((h * K) / H);
    const scores = q.map((head, h) =>
      head.map((query) =>
        k[group(h)].map((key) => sum(query.map((a, d) => a * key[d])) / Math.sqrt(D)),
      ),
    );
    const window = config.window ?? ids.length;
    const pattern = see(`${b}attn.hook_attn_scores`, scores).map((head) =>
      head.map((row, t) => softmax(row.map((s, j) => (j > t || j <= t - window ? -1e30 : s)))),
    );
    const z = see(`${b}attn.hook_pattern`, pattern).map((head, h) =>
      head.map((row) =>
        Array.from({ length: D }, (_, d) => sum(row.map((w, j) => w * v[group(h)][j][d]))),
      ),
    );
    const shown = see(`${b}attn.hook_z`, z);
    const merged = (kept: (h: number) => boolean) =>
      ids.map((_, t) => shown.flatMap((head, h) => head[t].map((a) => (kept(h) ? a : 0))));
    const bias = layer(
      merged(() => false),
      p + names.end,
    );
    const results = shown.map((_, h) =>
      layer(
        merged((other) => other === h),
        p + names.end,
      ).map((row, t) => row.map((a, c) => a - bias[t][c])),
    );
    const written = see(`${b}attn.hook_result`, results).reduce(plus, bias);
    x = see(`${b}hook_resid_mid`, plus(x, see(`${b}hook_attn_out`, written)));
    const inner = see(`${b}ln2.hook_normalized`, norm(x, p + names.ln2));
    const act = (rows: Rows, f: (x: number) => number) => rows.map((row) => row.map(f));
    let post: Rows;
    if (llama) {
      const gate = act(see(`${b}mlp.hook_pre`, layer(inner, `${p}mlp.gate_proj`)), silu);
      const up = see(`${b}mlp.hook_pre_linear`, layer(inner, `${p}mlp.up_proj`));
      post = gate.map((row, t) => row.map((g, f) => g * up[t][f]));
    } else post = act(see(`${b}mlp.hook_pre`, layer(inner, `${p}mlp.c_fc`)), gelu);
    const out = layer(see(`${b}mlp.hook_post`, post), p + (llama ? "mlp.down_proj" : "mlp.c_proj"));
    x = see(`${b}hook_resid_post`, plus(x, see(`${b}hook_mlp_out`, out)));
  }
  x = see("ln_final.hook_normalized", norm(x, llama ? "model.norm" : "transformer.ln_f"));
  const head = weights["lm_head.weight"] ? matrix("lm_head.weight") : table;
  return x.map((row) => head.map((token) => sum(row.map((v, c) => v * token[c]))));
}
