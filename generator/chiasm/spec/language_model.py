"""Kinds of the language model slot."""

from __future__ import annotations

from pydantic import Field

from chiasm.spec.kind import Activation, Count, Kind, Positive, Ratio


class Llama(Kind):
    """A LLaMA-family decoder: RMSNorm, rotary positions, gated MLP, grouped heads (LLaMA, Mistral, Qwen2, Qwen3)."""

    slot, name, anchor = "language_model", "llama", "language-models#llama-family"
    component, cls, config = "llama", "Llama", "LlamaConfig"
    facts = frozenset({"model_type", "bos_token", "eos_token", "added_tokens"})
    gates = {
        "qk_norm": "qk_norm",
        "mrope": "mrope_sections",
        "generative": "layers",
        "packing": "layers",
        "rotary": "layers",
        "gated": "layers",
    }

    vocab_size: Positive = Field(description="rows of the token table")
    context: Positive = Field(description="positions", json_schema_extra={"unit": "tokens"})
    dim: Positive = Field(description="width")
    layers: Positive = Field(description="blocks")
    heads: Positive = Field(description="query heads")
    kv_heads: Positive = Field(description="key/value heads; equal to heads where nothing is grouped")
    head_dim: Positive = Field(description="width of a head")
    mlp_dim: Positive = Field(description="hidden width of the gated MLP")
    activation: Activation = Field(description="of the gate")
    norm_eps: Ratio = Field(description="epsilon of every RMSNorm")
    rope_theta: Ratio = Field(description="base of the rotary embedding")
    tied: bool = Field(description="the head is the token table")
    qkv_bias: bool = Field(default=False, description="q, k and v have biases (Qwen2)")
    out_bias: bool = Field(default=False, description="the attention's output projection has a bias")
    mlp_bias: bool = Field(default=False, description="the MLP's projections have biases")
    qk_norm: bool = Field(default=False, description="RMSNorm a head on q and k before the rotary embedding (Qwen3)")
    mrope_sections: tuple[Count, ...] = Field(
        default=(), description="rotary channels for time, height, width, interleaved"
    )
    added_tokens: Count = Field(default=0, description="rows of a table and a head of their own (Idefics)")
    bos_token: Count | None = Field(default=None, description="id that begins a text")
    eos_token: Count | None = Field(default=None, description="id that ends an answer")
    pad_token: Count | None = Field(default=None, description="id that pads a batch")
    model_type: str = Field(description="what released configurations call it")


class OPT(Kind):
    """OPT: LayerNorm, learned positions (offset 2), ReLU MLP, biases everywhere, tied head."""

    slot, name, anchor = "language_model", "opt", "language-models#opt"
    component, cls, config = "opt", "OPT", "OPTConfig"
    facts = frozenset({"model_type", "bos_token", "eos_token"})
    gates = {"generative": "layers", "packing": "layers"}

    vocab_size: Positive = Field(description="rows of the token table")
    context: Positive = Field(description="positions", json_schema_extra={"unit": "tokens"})
    dim: Positive = Field(description="width")
    layers: Positive = Field(description="blocks")
    heads: Positive = Field(description="attention heads")
    mlp_dim: Positive = Field(description="hidden width of the MLP")
    activation: Activation = Field(description="of the MLP")
    norm_eps: Ratio = Field(description="epsilon of every LayerNorm")
    tied: bool = Field(description="the head is the token table")
    bos_token: Count | None = Field(default=None, description="id that begins a text")
    eos_token: Count | None = Field(default=None, description="id that ends an answer")
    pad_token: Count | None = Field(default=None, description="id that pads a batch")
    model_type: str = Field(description="what released configurations call it")
