// What a training run costs, from its operations: seconds, kilowatt-hours, money. Everything between
// the operations and the bill is one number, the utilisation: which share of the peak rate the run
// really computes with ("model FLOPs utilisation": Chowdhery et al., 2022, PaLM, section 4.1).
//
// Left out: the energy of making the machines, that of other machines in the cluster (a GPU's server
// takes about half as much again, see `Hardware.watts`), failed and exploratory runs.

/** A machine that trains. */
export interface Hardware {
  name: string;
  /** Floating-point operations per second at most, in the precision named. */
  peak: number;
  precision: string;
  /** Watts while training; see `source` for what is included. Absent where nothing is published. */
  watts?: number;
  /** Price of an hour, in US dollars: an example of a list price, on the date in `source`. */
  pricePerHour?: number;
  /** Where the figures are from. */
  source: string;
}

/**
 * Machines with published figures. Prices change every month and from seller to seller: they are
 * here to show the order of magnitude, and the lesson lets the reader put in others.
 */
export const hardware = {
  a100: {
    ...{ name: "NVIDIA A100 (SXM, 80 GB)", peak: 312e12, precision: "bfloat16", watts: 400 },
    source: "NVIDIA, A100 Tensor Core GPU data sheet (2021): 312 TFLOPS dense, at most 400 W",
  },
  h100: {
    ...{ name: "NVIDIA H100 (SXM)", peak: 989e12, precision: "bfloat16", watts: 700 },
    source: "NVIDIA, H100 Tensor Core GPU data sheet (2022): 989 TFLOPS dense, at most 700 W",
  },
  tpuV4: {
    ...{ name: "Google TPU v4", peak: 275e12, precision: "bfloat16", watts: 170 },
    source: "Jouppi et al., TPU v4 (2023), table 4: 275 TFLOPS, 170 W on average in production",
  },
} satisfies Record<string, Hardware>;

/** What a run costs. */
export interface Cost {
  /** Seconds from the beginning to the end, with all machines at work. */
  seconds: number;
  /** Hours of one machine, added up. */
  machineHours: number;
  /** Absent where the machine's power is not published. */
  kilowattHours?: number;
  /** US dollars; absent without a price. */
  money?: number;
}

/** What is assumed about a run. */
export interface CostOptions {
  /** Share of the peak rate that the model's own operations reach: 0.3 to 0.5 in published runs. */
  utilisation: number;
  /** How many machines work at once; 1 if absent. */
  machines?: number;
  /**
   * Energy of the whole data centre for each unit that reaches the machines ("power usage
   * effectiveness"); 1.1 if absent, the figure of Touvron et al. (2023) for their own.
   */
  pue?: number;
}

/**
 * Seconds, machine hours, energy and money of so many operations:
 *
 *     machine hours = C / (peak · utilisation) / 3600,   kWh = machine hours · watts / 1000 · PUE
 *
 * @param flops C, of the whole run: about 6 N D
 * @throws if the utilisation is not above 0 and at most 1
 */
export function trainingCost(
  flops: number,
  { peak, watts, pricePerHour }: Hardware,
  { utilisation, machines = 1, pue = 1.1 }: CostOptions,
): Cost {
  if (!(utilisation > 0 && utilisation <= 1))
    throw new Error(`trainingCost: expected a utilisation in (0, 1], got ${utilisation}`);
  const machineSeconds = flops / (peak * utilisation);
  const machineHours = machineSeconds / 3600;
  return {
    seconds: machineSeconds / machines,
    machineHours,
    ...(watts !== undefined && { kilowattHours: ((machineHours * watts) / 1000) * pue }),
    ...(pricePerHour !== undefined && { money: machineHours * pricePerHour }),
  };
}

/** The share of the peak rate that a run reached: operations / (machine seconds · peak). */
export const utilisationOf = (flops: number, machineHours: number, { peak }: Hardware): number =>
  flops / (machineHours * 3600 * peak);
