"""Families that write text: decoders, mixtures of experts and state-space models, and encoders with decoders."""

from __future__ import annotations

from typing import Any

from benchmarks.doctor.batches_text import (
    ended_sequence_labels,
    next_words,
    sequence_labels,
    translation,
    translation_given,
)
from benchmarks.doctor.family import Family, family

SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
SHAPE = {"vocab_size": 120, "hidden_size": 32, "num_hidden_layers": 2}
TINY: dict[str, Any] = {
    **SHAPE, **SPECIAL, "num_attention_heads": 4, "intermediate_size": 64, "max_position_embeddings": 64,
}  # fmt: skip
GROUPED = {**TINY, "num_key_value_heads": 2}
EAGER = {"attn_implementation": "eager"}
GPT = {"vocab_size": 120, "n_positions": 64, "n_embd": 32, "n_layer": 2, "n_head": 4, **SPECIAL}

DECODERS: tuple[Family, ...] = (
    family("gpt2", "GPT2Config", "GPT2LMHeadModel", next_words, **GPT),
    family("openai-gpt", "OpenAIGPTConfig", "OpenAIGPTLMHeadModel", next_words, vocab_size=120, n_positions=64, n_embd=32, n_layer=2,
           n_head=4),
    family("gpt-neo", "GPTNeoConfig", "GPTNeoForCausalLM", next_words, **SHAPE, **SPECIAL, num_layers=2, num_heads=4,
           attention_types=[[["global", "local"], 1]], window_size=8, max_position_embeddings=64),
    family("gpt-neox", "GPTNeoXConfig", "GPTNeoXForCausalLM", next_words, **TINY),
    family("gptj", "GPTJConfig", "GPTJForCausalLM", next_words, **GPT, rotary_dim=4),
    family("codegen", "CodeGenConfig", "CodeGenForCausalLM", next_words, **GPT, rotary_dim=4),
    family("gpt-bigcode", "GPTBigCodeConfig", "GPTBigCodeForCausalLM", next_words, **GPT),
    family("opt", "OPTConfig", "OPTForCausalLM", next_words, **SHAPE, **SPECIAL, word_embed_proj_dim=32, ffn_dim=64,
           num_attention_heads=4, max_position_embeddings=64),
    family("bloom", "BloomConfig", "BloomForCausalLM", next_words, **SPECIAL, vocab_size=120, hidden_size=32, n_layer=2, n_head=4),
    family("falcon", "FalconConfig", "FalconForCausalLM", next_words, **SHAPE, **SPECIAL, num_attention_heads=4),
    family("mpt", "MptConfig", "MptForCausalLM", next_words, vocab_size=120, d_model=32, n_layers=2, n_heads=4, max_seq_len=64),
    family("ctrl", "CTRLConfig", "CTRLLMHeadModel", next_words, vocab_size=120, n_positions=64, n_embd=32, dff=64, n_layer=2, n_head=4),
    family("xglm", "XGLMConfig", "XGLMForCausalLM", next_words, **SPECIAL, vocab_size=120, d_model=32, ffn_dim=64, num_layers=2,
           attention_heads=4, max_position_embeddings=64, decoder_start_token_id=2),
    family("biogpt", "BioGptConfig", "BioGptForCausalLM", next_words, **TINY),
    family("llama", "LlamaConfig", "LlamaForCausalLM", next_words, **GROUPED),
    family("llama-classifier", "LlamaConfig", "LlamaForSequenceClassification", sequence_labels, **GROUPED, **EAGER, num_labels=3),
    family("mistral", "MistralConfig", "MistralForCausalLM", next_words, **GROUPED, sliding_window=8),
    family("qwen2", "Qwen2Config", "Qwen2ForCausalLM", next_words, **GROUPED),
    family("qwen3", "Qwen3Config", "Qwen3ForCausalLM", next_words, **GROUPED, **EAGER, head_dim=8),
    family("gemma", "GemmaConfig", "GemmaForCausalLM", next_words, **GROUPED, head_dim=8),
    family("gemma2", "Gemma2Config", "Gemma2ForCausalLM", next_words, **GROUPED, **EAGER, head_dim=8, query_pre_attn_scalar=8),
    family("gemma3", "Gemma3TextConfig", "Gemma3ForCausalLM", next_words, **GROUPED, head_dim=8, query_pre_attn_scalar=8),
    family("phi", "PhiConfig", "PhiForCausalLM", next_words, **TINY),
    family("phi3", "Phi3Config", "Phi3ForCausalLM", next_words, **GROUPED),
    family("stablelm", "StableLmConfig", "StableLmForCausalLM", next_words, **GROUPED),
    family("persimmon", "PersimmonConfig", "PersimmonForCausalLM", next_words, **TINY),
    family("nemotron", "NemotronConfig", "NemotronForCausalLM", next_words, **GROUPED, head_dim=8),
    family("arcee", "ArceeConfig", "ArceeForCausalLM", next_words, **GROUPED),
    family("apertus", "ApertusConfig", "ApertusForCausalLM", next_words, **GROUPED),
    family("starcoder2", "Starcoder2Config", "Starcoder2ForCausalLM", next_words, **GROUPED),
    family("cohere", "CohereConfig", "CohereForCausalLM", next_words, **GROUPED),
    family("granite", "GraniteConfig", "GraniteForCausalLM", next_words, **GROUPED),
    family("olmo", "OlmoConfig", "OlmoForCausalLM", next_words, **GROUPED),
    family("olmo2", "Olmo2Config", "Olmo2ForCausalLM", next_words, **GROUPED),
    family("glm4", "Glm4Config", "Glm4ForCausalLM", next_words, **GROUPED, head_dim=8),
    family("exaone4", "Exaone4Config", "Exaone4ForCausalLM", next_words, **GROUPED),
    family("smollm3", "SmolLM3Config", "SmolLM3ForCausalLM", next_words, **GROUPED),
    family("helium", "HeliumConfig", "HeliumForCausalLM", next_words, **GROUPED, head_dim=8),
    family("bitnet", "BitNetConfig", "BitNetForCausalLM", next_words, **GROUPED),
    family("diffllama", "DiffLlamaConfig", "DiffLlamaForCausalLM", next_words, **GROUPED),
    family("nanochat", "NanoChatConfig", "NanoChatForCausalLM", next_words, **TINY),
)  # fmt: skip

EXPERTS: tuple[Family, ...] = (
    family("mixtral", "MixtralConfig", "MixtralForCausalLM", next_words, **GROUPED, num_local_experts=4, output_router_logits=True),
    family("qwen2-moe", "Qwen2MoeConfig", "Qwen2MoeForCausalLM", next_words, **GROUPED, num_experts=4, num_experts_per_tok=2,
           moe_intermediate_size=32, shared_expert_intermediate_size=32),
    family("qwen3-moe", "Qwen3MoeConfig", "Qwen3MoeForCausalLM", next_words, **GROUPED, head_dim=8, num_experts=4, num_experts_per_tok=2,
           moe_intermediate_size=32),
    family("olmoe", "OlmoeConfig", "OlmoeForCausalLM", next_words, **GROUPED, num_experts=4, num_experts_per_tok=2),
    family("granitemoe", "GraniteMoeConfig", "GraniteMoeForCausalLM", next_words, **GROUPED, num_local_experts=4, num_experts_per_tok=2),
    family("deepseek-v3", "DeepseekV3Config", "DeepseekV3ForCausalLM", next_words, **TINY, num_key_value_heads=4, first_k_dense_replace=1,
           n_routed_experts=8, num_experts_per_tok=2, n_group=2, topk_group=1, moe_intermediate_size=32, kv_lora_rank=16, q_lora_rank=16,
           qk_rope_head_dim=4, qk_nope_head_dim=8, v_head_dim=8),
    family("gpt-oss", "GptOssConfig", "GptOssForCausalLM", next_words, **GROUPED, head_dim=8, num_local_experts=4, num_experts_per_tok=2),
    family("dbrx", "DbrxConfig", "DbrxForCausalLM", next_words, **SPECIAL, vocab_size=120, d_model=32, n_layers=2, n_heads=4,
           max_seq_len=64, attn_config={"kv_n_heads": 2, "clip_qkv": 8, "rope_theta": 10000.0},
           ffn_config={"ffn_hidden_size": 32, "moe_num_experts": 4, "moe_top_k": 2}),
    family("switch-transformers", "SwitchTransformersConfig", "SwitchTransformersForConditionalGeneration", translation,
           vocab_size=120, d_model=32, d_kv=8, d_ff=64, num_layers=2, num_decoder_layers=2, num_heads=4, num_experts=4,
           num_sparse_encoder_layers=1, num_sparse_decoder_layers=1, decoder_start_token_id=0),
)  # fmt: skip

STATE_SPACES: tuple[Family, ...] = (
    family("mamba", "MambaConfig", "MambaForCausalLM", next_words, **SHAPE, **SPECIAL),
    family("mamba2", "Mamba2Config", "Mamba2ForCausalLM", next_words, **SHAPE, **SPECIAL, num_heads=8, head_dim=8, state_size=16,
           n_groups=2, chunk_size=8),
    family("falcon-mamba", "FalconMambaConfig", "FalconMambaForCausalLM", next_words, **SHAPE, **SPECIAL),
    family("rwkv", "RwkvConfig", "RwkvForCausalLM", next_words, **SHAPE, context_length=32),
    family("recurrent-gemma", "RecurrentGemmaConfig", "RecurrentGemmaForCausalLM", next_words, **SHAPE, **SPECIAL, intermediate_size=96,
           num_attention_heads=4, lru_width=32, attention_window_size=16, block_types=("recurrent", "attention")),
    family("jamba", "JambaConfig", "JambaForCausalLM", next_words, **GROUPED, num_experts=4, attn_layer_period=2, attn_layer_offset=1,
           use_mamba_kernels=False, mamba_dt_rank=4),
    family("bamba", "BambaConfig", "BambaForCausalLM", next_words, **GROUPED, attn_layer_indices=[1], mamba_n_heads=8, mamba_d_head=8,
           mamba_n_groups=1, mamba_d_state=16, mamba_chunk_size=8),
    family("falcon-h1", "FalconH1Config", "FalconH1ForCausalLM", next_words, **GROUPED, head_dim=8, mamba_d_ssm=64, mamba_n_heads=8,
           mamba_d_head=8, mamba_n_groups=1, mamba_d_state=16, mamba_chunk_size=8),
    family("qwen3-next", "Qwen3NextConfig", "Qwen3NextForCausalLM", next_words, **GROUPED, head_dim=8, linear_key_head_dim=8,
           linear_value_head_dim=8, linear_num_key_heads=2, linear_num_value_heads=4, num_experts=4, num_experts_per_tok=2,
           moe_intermediate_size=32, shared_expert_intermediate_size=32, layer_types=["linear_attention", "full_attention"]),
    family("lfm2", "Lfm2Config", "Lfm2ForCausalLM", next_words, **GROUPED, layer_types=["conv", "full_attention"]),
    family("minimax", "MiniMaxConfig", "MiniMaxForCausalLM", next_words, **GROUPED, num_local_experts=4, block_size=8,
           layer_types=["linear_attention", "full_attention"]),
)  # fmt: skip

T5 = {
    "vocab_size": 120, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_decoder_layers": 2, "num_heads": 4,
    "decoder_start_token_id": 0,
}  # fmt: skip
BART = {
    "vocab_size": 120, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4,
    "decoder_attention_heads": 4, "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "max_position_embeddings": 64,
    "decoder_start_token_id": 2, "forced_eos_token_id": 2, **SPECIAL,
}  # fmt: skip

TRANSLATORS: tuple[Family, ...] = (
    family("t5", "T5Config", "T5ForConditionalGeneration", translation, **T5),
    family("t5-gated", "T5Config", "T5ForConditionalGeneration", translation, **T5, feed_forward_proj="gated-gelu",
           tie_word_embeddings=False),
    family("mt5", "MT5Config", "MT5ForConditionalGeneration", translation, **T5),
    family("umt5", "UMT5Config", "UMT5ForConditionalGeneration", translation, **T5),
    family("longt5", "LongT5Config", "LongT5ForConditionalGeneration", translation, **T5, local_radius=4,
           encoder_attention_type="transient-global", global_block_size=4),
    family("bart", "BartConfig", "BartForConditionalGeneration", translation, **BART),
    family("bart-classifier", "BartConfig", "BartForSequenceClassification",
           ended_sequence_labels, **BART, num_labels=3),
    family("mbart", "MBartConfig", "MBartForConditionalGeneration", translation, **BART),
    family("pegasus", "PegasusConfig", "PegasusForConditionalGeneration", translation, **BART),
    family("blenderbot", "BlenderbotConfig", "BlenderbotForConditionalGeneration", translation, **BART),
    family("marian", "MarianConfig", "MarianMTModel", translation, **BART),
    family("m2m-100", "M2M100Config", "M2M100ForConditionalGeneration", translation, **BART),
    family("led", "LEDConfig", "LEDForConditionalGeneration", translation, **BART, attention_window=8,
           max_encoder_position_embeddings=64, max_decoder_position_embeddings=64),
    family("plbart", "PLBartConfig", "PLBartForConditionalGeneration", translation, **BART),
    family("prophetnet", "ProphetNetConfig", "ProphetNetForConditionalGeneration", translation, vocab_size=120, hidden_size=32,
           num_encoder_layers=2, num_decoder_layers=2, num_encoder_attention_heads=4, num_decoder_attention_heads=4, encoder_ffn_dim=64,
           decoder_ffn_dim=64, max_position_embeddings=64, decoder_start_token_id=1, **SPECIAL),
    family("fsmt", "FSMTConfig", "FSMTForConditionalGeneration", translation_given, langs=["en", "de"], src_vocab_size=120, tgt_vocab_size=120,
           **{k: v for k, v in BART.items() if k not in ("vocab_size",)}),
)  # fmt: skip
