"""Words by which sentences about models are understood: of names, components, denials, changes."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ORDINARY = _words("clip flamingo")
"""Names that are ordinary words where nothing says that they are names."""

NEUTRAL = _words("""
    v hf instruct chat base it model models series family thinking fp8 awq gptq int4 int8 gguf merged weights
    release version px pixel pixels
""")
"""Words within a name that make it no other system's."""

MAKERS = _words("""
    open mini tiny mobile video chinese long eva instruct med next onevision interactive plus phi moe omni audio
    seg surgery adapter flash pro ultra lite large-scale multilingual japanese korean arabic rad geo remote bio
    quilt doc table math chart layout grounded visual-instruct hd rlhf robot rt 3d meta alpha metaclip dense
    fine region
""")
"""Words that before or behind a system's name make another's of it."""

OWNERS = _words("""
    openai openai's google google's deepmind deepmind's salesforce salesforce's meta's adept adept's alibaba
    alibaba's qwen huggingface huggingfacem4 hugging face microsoft microsoft's aidc-ai deepseek-ai llava-hf
    liuhaotian laion qwen's
""")
"""Who released a system."""

BEFORE_NAMES = _words("""
    the a an in on of for with from by to and or but while whereas both also like unlike as is are was were when
    where how why what which if then than thus so because since although though however here there this that
    these those our their its his her my we they it using use uses used via original vanilla frozen pretrained
    pre-trained standard plain first second third stage vit-g vit-l vit model models paper papers see compare
    compared comparing note consider take given let understanding about inside into under over after before
    between against only even just still every each most all vlms vlm mllm mllms lvlm encoder encoders decoder
    llm llms
""")
"""Words that may stand capitalised before a name and change nothing."""

COMPONENTS = _words("""
    vit vits clip siglip eva eva-clip openclip bert vicuna llama opt mistral qwen qwen2 qwen3 flant5 flan-t5 flant flan
    t5 chinchilla mpt persimmon nfnet nfnet-f6 normalizer-free q-former qformer layernorm rmsnorm batchnorm mlp
    gelu swiglu rope m-rope mrope deepstack hd ffn llm llms lm lms vlm vlms mllm gpu gpus a100 h100 v100 tpu
    tpuv4 bf16 fp16 fp32 int8 float16 bfloat16 huggingface pytorch jax deepspeed flashattention openai deepmind
    github arxiv imagenet vqav2 vqa gqa coco laion scienceqa textvqa mmmu mmbench pope seed docvqa chartqa
    mathvista ocr webli align ltip vtp m3w cc3m cc12m sbu sharegpt4v sharegpt gpt-4 gpt4 lora qlora sovit so400m
    sovit-400m vision-language sam sam-b alibi adamw nocaps okvqa ln qk-norm kv id ids api cpu ram cls eos bos
    pad kb mb gb tb mib gib flops macs tflops gflops 2d 3d 1d h×w vram
""")
"""Names that a sentence about a system may hold without being about another system."""
