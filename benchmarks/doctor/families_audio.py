"""Families that hear, and families that foretell series."""

from __future__ import annotations

from typing import Any

from benchmarks.doctor.batches_sound import (
    forecasts,
    mel_transcripts,
    patch_forecasts,
    sound_labels,
    spectrogram_labels,
    spectrogram_transcripts,
    transcripts,
    translation_of_sound,
)
from benchmarks.doctor.family import Family, family

SPECIAL = {"pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}
# Convolutions as in the originals, fewer and thinner; the masks of SpecAugment are kept, and short for short sound. All but one
# keep every layer at every step: a fault in a layer that this step left out is nowhere to be seen.
WAVES: dict[str, Any] = {
    "vocab_size": 32, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64,
    "conv_dim": [16, 16, 16, 16], "conv_stride": [5, 4, 4, 2], "conv_kernel": [10, 8, 4, 2], "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4, "mask_time_length": 2, "classifier_proj_size": 32, "layerdrop": 0.0,
}  # fmt: skip
SERIES: dict[str, Any] = {
    "prediction_length": 8, "context_length": 24, "lags_sequence": [1, 2, 3], "num_time_features": 2, "d_model": 32,
    "encoder_layerdrop": 0.0, "decoder_layerdrop": 0.0,
}  # fmt: skip
SPEECH = {
    "vocab_size": 60, "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "decoder_start_token_id": 3, **SPECIAL,
}  # fmt: skip

AUDIO: tuple[Family, ...] = (
    family("wav2vec2", "Wav2Vec2Config", "Wav2Vec2ForCTC", transcripts, **{**WAVES, "layerdrop": 0.1}),
    family("wav2vec2-classifier", "Wav2Vec2Config", "Wav2Vec2ForSequenceClassification", sound_labels, **WAVES, num_labels=4,
           do_stable_layer_norm=True, feat_extract_norm="layer"),
    family("hubert", "HubertConfig", "HubertForSequenceClassification", sound_labels, **WAVES, num_labels=4),
    family("wavlm", "WavLMConfig", "WavLMForSequenceClassification", sound_labels, **WAVES, num_labels=4),
    family("unispeech", "UniSpeechConfig", "UniSpeechForSequenceClassification", sound_labels, **WAVES, num_labels=4),
    family("unispeech-sat", "UniSpeechSatConfig", "UniSpeechSatForCTC", transcripts, **WAVES),
    family("data2vec-audio", "Data2VecAudioConfig", "Data2VecAudioForSequenceClassification", sound_labels,
           **{**WAVES, "num_conv_pos_embeddings": 2}, num_labels=4),
    family("sew", "SEWConfig", "SEWForSequenceClassification", sound_labels, **WAVES, num_labels=4),
    family("sew-d", "SEWDConfig", "SEWDForCTC", transcripts, **WAVES),
    family("wav2vec2-conformer", "Wav2Vec2ConformerConfig", "Wav2Vec2ConformerForSequenceClassification", sound_labels, **WAVES,
           conv_depthwise_kernel_size=7, num_labels=4),
    family("wav2vec2-bert", "Wav2Vec2BertConfig", "Wav2Vec2BertForCTC", spectrogram_transcripts(16, 40),
           **{k: v for k, v in WAVES.items() if not k.startswith("conv_")}, feature_projection_input_dim=16, conv_depthwise_kernel_size=7),
    family("parakeet", "ParakeetCTCConfig", "ParakeetForCTC", spectrogram_transcripts(16, 80, masked=True), vocab_size=33, pad_token_id=32,
           encoder_config=("ParakeetEncoderConfig", {
               "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "num_mel_bins": 16,
               "subsampling_conv_channels": 16, "conv_kernel_size": 5})),
    family("audio-spectrogram-transformer", "ASTConfig", "ASTForAudioClassification", spectrogram_labels, hidden_size=32,
           num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, patch_size=8, frequency_stride=8, time_stride=8, max_length=48,
           num_mel_bins=16, num_labels=4),
    family("whisper", "WhisperConfig", "WhisperForConditionalGeneration", mel_transcripts, **SPEECH, num_mel_bins=16,
           max_source_positions=24, max_target_positions=32, suppress_tokens=None, begin_suppress_tokens=None),
    family("speech-to-text", "Speech2TextConfig", "Speech2TextForConditionalGeneration", spectrogram_transcripts(16, 48), **SPEECH,
           conv_channels=32, input_feat_per_channel=16, max_source_positions=64, max_target_positions=32),
    family("moonshine", "MoonshineConfig", "MoonshineForConditionalGeneration", translation_of_sound, vocab_size=60, hidden_size=32,
           intermediate_size=64, encoder_num_hidden_layers=2, decoder_num_hidden_layers=2, encoder_num_attention_heads=4,
           decoder_num_attention_heads=4, max_position_embeddings=64, **SPECIAL),
)  # fmt: skip

FORECASTERS: tuple[Family, ...] = (
    family("time-series-transformer", "TimeSeriesTransformerConfig", "TimeSeriesTransformerForPrediction", forecasts, **SERIES),
    family("informer", "InformerConfig", "InformerForPrediction", forecasts, **SERIES),
    family("autoformer", "AutoformerConfig", "AutoformerForPrediction", forecasts, **SERIES, label_length=4, moving_average=5),
    family("patchtst", "PatchTSTConfig", "PatchTSTForPrediction", patch_forecasts, num_input_channels=3, context_length=32, patch_length=4,
           patch_stride=4, num_hidden_layers=2, d_model=32, num_attention_heads=4, ffn_dim=64, prediction_length=8),
    family("patchtsmixer", "PatchTSMixerConfig", "PatchTSMixerForPrediction", patch_forecasts, num_input_channels=3, context_length=32,
           patch_length=4, patch_stride=4, d_model=16, num_layers=2, prediction_length=8),
)  # fmt: skip
