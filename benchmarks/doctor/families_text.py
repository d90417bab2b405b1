"""Families that read text: encoders with a head for their task."""

from __future__ import annotations

from typing import Any

from benchmarks.doctor.batches_text import (
    boxed_tokens,
    bytes_labels,
    masked_words,
    multi_labels,
    scores,
    sequence_labels,
    spans,
    token_labels,
    unpadded,
)
from benchmarks.doctor.family import Family, family

TINY: dict[str, Any] = {
    "vocab_size": 120, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
    "max_position_embeddings": 64, "pad_token_id": 1,
}  # fmt: skip
EAGER = {"attn_implementation": "eager"}  # the attention's softmax is a call of its own, not inside one fused call

ENCODERS: tuple[Family, ...] = (
    family("bert", "BertConfig", "BertForSequenceClassification", sequence_labels, **TINY, num_labels=3),
    family("bert-mlm", "BertConfig", "BertForMaskedLM", masked_words, **TINY, **EAGER),
    family("roberta", "RobertaConfig", "RobertaForTokenClassification", token_labels, **TINY, num_labels=5),
    family("xlm-roberta", "XLMRobertaConfig", "XLMRobertaForSequenceClassification", multi_labels, **TINY, num_labels=6,
           problem_type="multi_label_classification"),
    family("camembert", "CamembertConfig", "CamembertForMaskedLM", masked_words, **TINY),
    family("distilbert", "DistilBertConfig", "DistilBertForSequenceClassification", sequence_labels,
           vocab_size=120, dim=32, n_layers=2, n_heads=4, hidden_dim=64, max_position_embeddings=64),
    family("albert", "AlbertConfig", "AlbertForMaskedLM", masked_words, **TINY, embedding_size=16),
    family("electra", "ElectraConfig", "ElectraForSequenceClassification", multi_labels, **TINY, embedding_size=16, num_labels=6,
           problem_type="multi_label_classification"),
    family("deberta", "DebertaConfig", "DebertaForSequenceClassification", scores, **TINY, num_labels=1,
           relative_attention=True, pos_att_type=["c2p", "p2c"]),
    family("deberta-v2", "DebertaV2Config", "DebertaV2ForTokenClassification", token_labels, **TINY, num_labels=5,
           relative_attention=True, pos_att_type=["c2p", "p2c"]),
    family("mpnet", "MPNetConfig", "MPNetForQuestionAnswering", spans, **TINY),
    family("mobilebert", "MobileBertConfig", "MobileBertForSequenceClassification", sequence_labels, **TINY,
           embedding_size=16, intra_bottleneck_size=16, num_labels=3),
    family("squeezebert", "SqueezeBertConfig", "SqueezeBertForSequenceClassification", sequence_labels, **TINY, embedding_size=32),
    family("convbert", "ConvBertConfig", "ConvBertForTokenClassification", token_labels, **TINY, embedding_size=16, num_labels=5),
    family("funnel", "FunnelConfig", "FunnelForSequenceClassification", sequence_labels, vocab_size=120, block_sizes=[1, 1, 1],
           num_decoder_layers=1, d_model=32, n_head=4, d_head=8, d_inner=64, pad_token_id=0),
    family("fnet", "FNetConfig", "FNetForMaskedLM", unpadded(masked_words),
           vocab_size=120, hidden_size=32, num_hidden_layers=2, intermediate_size=64, max_position_embeddings=64),
    family("longformer", "LongformerConfig", "LongformerForSequenceClassification", sequence_labels, **TINY, attention_window=8),
    family("big-bird", "BigBirdConfig", "BigBirdForTokenClassification", token_labels, **TINY, attention_type="original_full", num_labels=5),
    family("nystromformer", "NystromformerConfig", "NystromformerForSequenceClassification", unpadded(sequence_labels), **TINY,
           segment_means_seq_len=24, num_landmarks=4, conv_kernel_size=5),
    family("roformer", "RoFormerConfig", "RoFormerForMaskedLM", masked_words, **TINY, embedding_size=32),
    family("rembert", "RemBertConfig", "RemBertForQuestionAnswering", spans, **TINY, input_embedding_size=16, output_embedding_size=32),
    family("xlnet", "XLNetConfig", "XLNetForSequenceClassification", sequence_labels, vocab_size=120, d_model=32, n_layer=2, n_head=4,
           d_inner=64),
    family("xlm", "XLMConfig", "XLMForSequenceClassification", sequence_labels, vocab_size=120, emb_dim=32, n_layers=2, n_heads=4,
           max_position_embeddings=64),
    family("flaubert", "FlaubertConfig", "FlaubertForTokenClassification", token_labels, vocab_size=120, emb_dim=32, n_layers=2, n_heads=4,
           max_position_embeddings=64, num_labels=5),
    family("canine", "CanineConfig", "CanineForSequenceClassification", bytes_labels, hidden_size=32, num_hidden_layers=2,
           num_attention_heads=4, intermediate_size=64, max_position_embeddings=64, num_hash_buckets=64, local_transformer_stride=16),
    family("perceiver", "PerceiverConfig", "PerceiverForSequenceClassification", sequence_labels, vocab_size=120, num_latents=8,
           d_latents=32, d_model=32, num_self_attends_per_block=2, num_self_attention_heads=4, num_cross_attention_heads=4,
           max_position_embeddings=64),
    family("esm", "EsmConfig", "EsmForMaskedLM", masked_words, **TINY, mask_token_id=4, position_embedding_type="rotary"),
    family("modernbert", "ModernBertConfig", "ModernBertForMaskedLM", masked_words, **TINY, bos_token_id=2, eos_token_id=3,
           cls_token_id=2, sep_token_id=3),
    family("megatron-bert", "MegatronBertConfig", "MegatronBertForSequenceClassification", sequence_labels, **TINY),
    family("ernie", "ErnieConfig", "ErnieForSequenceClassification", sequence_labels, **TINY),
    family("ibert", "IBertConfig", "IBertForSequenceClassification", sequence_labels, **TINY),
    family("data2vec-text", "Data2VecTextConfig", "Data2VecTextForTokenClassification", token_labels, **TINY, num_labels=5),
    family("eurobert", "EuroBertConfig", "EuroBertForMaskedLM", masked_words, **TINY, bos_token_id=2, eos_token_id=3, mask_token_id=4),
    family("nomic-bert", "NomicBertConfig", "NomicBertForSequenceClassification", sequence_labels, **TINY),
    family("layoutlm", "LayoutLMConfig", "LayoutLMForTokenClassification", boxed_tokens, **TINY, num_labels=5),
    family("lilt", "LiltConfig", "LiltForTokenClassification", boxed_tokens, **{**TINY, "hidden_size": 48}, num_labels=5),
    family("luke", "LukeConfig", "LukeForSequenceClassification", sequence_labels, **TINY, entity_vocab_size=50, entity_emb_size=16),
    family("yoso", "YosoConfig", "YosoForSequenceClassification", sequence_labels, **TINY, use_expectation=True),
)  # fmt: skip
