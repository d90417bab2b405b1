"""Families that see and read: contrastive pairs, captions, questions about images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.doctor.batches_pairs import (
    asked_images,
    captions,
    flat_patches,
    image_prompt,
    pages,
    pairs,
    read_images,
    region_questions,
    sound_pairs,
)
from benchmarks.doctor.family import Family, family

SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 119}
LAYERS: dict[str, Any] = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
TEXT = {**LAYERS, **SPECIAL, "vocab_size": 120, "max_position_embeddings": 64}
VISION = {**LAYERS, "image_size": 32, "patch_size": 8}
LLAMA = ("LlamaConfig", {**TEXT, "num_key_value_heads": 2})

MULTIMODAL: tuple[Family, ...] = (
    family("clip", "CLIPConfig", "CLIPModel", pairs, text_config=TEXT, vision_config=VISION, projection_dim=32),
    family("siglip", "SiglipConfig", "SiglipModel", pairs, text_config={**TEXT, "projection_size": 32}, vision_config=VISION),
    family("metaclip-2", "MetaClip2Config", "MetaClip2Model", pairs, text_config=TEXT, vision_config=VISION, projection_dim=32),
    family("chinese-clip", "ChineseCLIPConfig", "ChineseCLIPModel", pairs, text_config=TEXT, vision_config=VISION, projection_dim=32),
    family("altclip", "AltCLIPConfig", "AltCLIPModel", pairs, text_config={**TEXT, "project_dim": 32}, vision_config=VISION,
           projection_dim=32),
    family("groupvit", "GroupViTConfig", "GroupViTModel", pairs, text_config=TEXT, projection_dim=32, projection_intermediate_dim=64,
           vision_config={**VISION, "depths": [1, 1, 1], "num_group_tokens": [8, 4, 0], "num_output_groups": [8, 4, 0]}),
    family("blip", "BlipConfig", "BlipModel", pairs, text_config={**TEXT, "sep_token_id": 3}, vision_config=VISION, projection_dim=32),
    family("blip-caption", "BlipConfig", "BlipForConditionalGeneration", captions, vision_config=VISION,
           text_config={**TEXT, "encoder_hidden_size": 32, "sep_token_id": 3}),
    family("git", "GitConfig", "GitForCausalLM", captions, **TEXT, vision_config=VISION),
    family("vilt", "ViltConfig", "ViltForQuestionAnswering", asked_images, **{**TEXT, **VISION}, num_labels=6),
    family("visual-bert", "VisualBertConfig", "VisualBertForVisualReasoning", region_questions, **TEXT, visual_embedding_dim=16,
           num_labels=2),
    replace(  # its tables of relative positions are looked up under no_grad
        family("layoutlmv3", "LayoutLMv3Config", "LayoutLMv3ForTokenClassification", pages, **TEXT, input_size=32, patch_size=8,
               coordinate_size=5, shape_size=6, num_labels=5, max_2d_position_embeddings=1024),
        allowed=("D01",), sources=("https://github.com/huggingface/transformers/pull/30988",),
    ),
    family("vision-encoder-decoder", "VisionEncoderDecoderConfig", "VisionEncoderDecoderModel", read_images,
           encoder={**VISION, "model_type": "vit"}, decoder={**TEXT, "model_type": "bert", "is_decoder": True, "add_cross_attention": True},
           decoder_start_token_id=1, pad_token_id=0),
    family("llava", "LlavaConfig", "LlavaForConditionalGeneration", image_prompt(16), text_config=LLAMA, image_token_id=100,
           vision_config=("CLIPVisionConfig", VISION), vision_feature_layer=-1),
    family("paligemma", "PaliGemmaConfig", "PaliGemmaForConditionalGeneration", image_prompt(16), projection_dim=32, hidden_size=32,
           text_config=("GemmaConfig", {**TEXT, "num_key_value_heads": 1, "head_dim": 8}), image_token_id=100,
           vision_config=("SiglipVisionConfig", {**VISION, "vision_use_head": False})),
    family("blip-2", "Blip2Config", "Blip2ForConditionalGeneration", image_prompt(4), num_query_tokens=4, image_token_index=100,
           vision_config=VISION, qformer_config={**TEXT, "encoder_hidden_size": 32},
           text_config=("OPTConfig", {**TEXT, "ffn_dim": 64, "word_embed_proj_dim": 32})),
    family("idefics3", "Idefics3Config", "Idefics3ForConditionalGeneration", image_prompt(4, listed=True), text_config=LLAMA, image_token_id=100,
           vision_config=VISION, scale_factor=2),
    family("pix2struct", "Pix2StructConfig", "Pix2StructForConditionalGeneration", flat_patches,
           text_config={"vocab_size": 120, "hidden_size": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4},
           vision_config={"hidden_size": 32, "patch_embed_hidden_size": 32, "d_kv": 8, "d_ff": 64, "num_hidden_layers": 2,
                          "num_attention_heads": 4, "seq_len": 64}),
    family("clap", "ClapConfig", "ClapModel", sound_pairs, projection_dim=32, text_config=TEXT,
           audio_config={"hidden_size": 64, "spec_size": 64, "num_mel_bins": 16, "patch_embeds_hidden_size": 16, "depths": [1, 1, 1],
                         "num_attention_heads": [2, 4, 4], "window_size": 4, "num_hidden_layers": 3, "projection_dim": 32}),
)  # fmt: skip
