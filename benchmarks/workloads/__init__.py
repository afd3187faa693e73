"""Everything that is measured, in the order of the table of goals."""

from benchmarks.workload import Missing
from benchmarks.workloads import decode, images, prefill, start, training, vision

WORKLOADS = (
    *vision.WORKLOADS,
    *prefill.WORKLOADS,
    *decode.WORKLOADS,
    *training.WORKLOADS,
    *images.WORKLOADS,
    *start.WORKLOADS,
)
MISSING = (
    Missing(
        "decode with gated cross-attention, 2 and 8 images", "Flamingo's kinds are described, no package is generated"
    ),
    Missing("prefill at a keep-ratio of visual tokens", "no page with a package reduces tokens by relevance"),
)
