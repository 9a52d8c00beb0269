// The platforms that TensorFlow 2.21 has wheels for on PyPI, and what differs between them where
// the native engine is made: the wheel's tags, the names of its libraries, how the addon finds
// them. Tried on a real machine: x86-64 Linux. arm64 Linux ran under emulation; of Apple silicon
// the wheel was taken apart, and the addon compiled but not run
// (docs/log/2026-11-28-native-arm.md).

/** From the oldest Linux to the newest; pip matches each tag exactly. */
const manylinux = (machine) =>
  ["manylinux_2_27", "manylinux_2_17", "manylinux2014", "manylinux2010", "manylinux1"].map(
    (tag) => `${tag}_${machine}`,
  );

const linux = (machine) => ({
  tags: manylinux(machine),
  /** In the wheel → the name that -l looks for. */
  libraries: {
    "libtensorflow_cc.so.2": "libtensorflow.so",
    "libtensorflow_framework.so.2": "libtensorflow_framework.so",
  },
  link: ["-Wl,-rpath,$ORIGIN/../lib"],
  strips: true,
});

/** By Node's names, `process.platform` and `process.arch`. */
const PLATFORMS = {
  "linux-x64": linux("x86_64"),
  "linux-arm64": linux("aarch64"),
  "darwin-arm64": {
    tags: ["macosx_12_0_arm64"],
    libraries: {
      "libtensorflow_cc.2.dylib": "libtensorflow.dylib",
      "libtensorflow_framework.2.dylib": "libtensorflow_framework.dylib",
    },
    // Node's own functions are found when the addon is loaded, TensorFlow's beside it: the
    // libraries call themselves @rpath/….
    link: ["-Wl,-undefined,dynamic_lookup", "-Wl,-rpath,@loader_path/../lib"],
    // Their signatures would no longer hold, and macOS ends a process with such a library.
    strips: false,
  },
};

export const here = { platform: process.platform, arch: process.arch };

/** Whether the engine has run on such a machine, a real one. */
export const isTried = (machine = here) => nameOf(machine) === "linux-x64";

const nameOf = ({ platform, arch }) => `${platform}-${arch}`;

/** What a platform needs, or undefined where there is no wheel for it. */
export const platformOf = (machine = here) => PLATFORMS[nameOf(machine)];

/** Those of a list of pinned wheels that are for this platform; the CUDA ones name none. */
export const wheelsFor = (wheels, machine = here) =>
  wheels.filter(({ platform = "linux-x64" }) => platform === nameOf(machine));
