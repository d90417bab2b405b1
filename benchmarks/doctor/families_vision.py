"""Families that see: classifiers, segmentation, depth, detection, reconstruction and video."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.doctor.batches_images import (
    boxes,
    codes,
    depths,
    hidden_patches,
    image_labels,
    image_multi_labels,
    masks,
    pixel_labels,
    video_labels,
)
from benchmarks.doctor.family import Family, family

TRANSFORMER: dict[str, Any] = {
    "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64, "image_size": 32, "patch_size": 8,
}  # fmt: skip
WINDOWS = {"image_size": 64, "patch_size": 4, "embed_dim": 16, "depths": [2, 2], "num_heads": [2, 4], "window_size": 4}
STAGES: dict[str, Any] = {"hidden_sizes": [16, 32], "depths": [2, 2]}
PYRAMID = {
    "num_encoder_blocks": 2, "depths": [2, 2], "sr_ratios": [4, 2], "hidden_sizes": [16, 32], "patch_sizes": [7, 3], "strides": [4, 2],
    "num_attention_heads": [2, 4], "mlp_ratios": [4, 4],
}  # fmt: skip
EAGER = {"attn_implementation": "eager"}

CLASSIFIERS: tuple[Family, ...] = (
    family("vit", "ViTConfig", "ViTForImageClassification", image_labels(), **TRANSFORMER, num_labels=5),
    family("deit", "DeiTConfig", "DeiTForImageClassification", image_labels(), **TRANSFORMER, **EAGER, num_labels=5),
    family("beit", "BeitConfig", "BeitForImageClassification", image_labels(), **TRANSFORMER, num_labels=5),
    family("data2vec-vision", "Data2VecVisionConfig", "Data2VecVisionForImageClassification", image_labels(), **TRANSFORMER, num_labels=5),
    family("vit-msn", "ViTMSNConfig", "ViTMSNForImageClassification", image_labels(), **TRANSFORMER, num_labels=5),
    family("dinov2", "Dinov2Config", "Dinov2ForImageClassification", image_labels(), **TRANSFORMER, num_labels=5),
    family("dinov2-registers", "Dinov2WithRegistersConfig", "Dinov2WithRegistersForImageClassification", image_labels(), **TRANSFORMER,
           num_labels=5, num_register_tokens=2),
    family("ijepa", "IJepaConfig", "IJepaForImageClassification", image_labels(), **TRANSFORMER, num_labels=5),
    family("imagegpt", "ImageGPTConfig", "ImageGPTForImageClassification", codes, vocab_size=33, n_positions=64, n_embd=32, n_layer=2,
           n_head=4, num_labels=5),
    family("swin", "SwinConfig", "SwinForImageClassification", image_labels(), **WINDOWS, num_labels=5),
    family("swinv2", "Swinv2Config", "Swinv2ForImageClassification", image_labels(), **WINDOWS, num_labels=5),
    family("hiera", "HieraConfig", "HieraForImageClassification", image_labels(64), image_size=[64, 64], embed_dim=16, depths=[1, 1, 1],
           num_heads=[1, 2, 4], num_query_pool=2, masked_unit_size=[4, 4], masked_unit_attention=[True, False, False], num_labels=5),
    family("focalnet", "FocalNetConfig", "FocalNetForImageClassification", image_labels(), image_size=32, embed_dim=16, depths=[2, 2],
           hidden_sizes=[16, 32], focal_levels=[2, 2], focal_windows=[3, 3], num_labels=5),
    family("pvt", "PvtConfig", "PvtForImageClassification", image_labels(), image_size=64, num_encoder_blocks=4, depths=[1, 1, 1, 1],
           hidden_sizes=[16, 16, 32, 32], num_attention_heads=[1, 2, 4, 4], sequence_reduction_ratios=[4, 2, 1, 1], num_labels=5),
    family("pvt-v2", "PvtV2Config", "PvtV2ForImageClassification", image_labels(64), **PYRAMID, image_size=64, num_labels=5),
    family("segformer-classifier", "SegformerConfig", "SegformerForImageClassification", image_labels(64), **PYRAMID, num_labels=5),
    family("cvt", "CvtConfig", "CvtForImageClassification", image_labels(64), patch_sizes=[7, 3], patch_stride=[4, 2], patch_padding=[2, 1],
           embed_dim=[16, 32], num_heads=[1, 2], depth=[1, 2], mlp_ratio=[2.0, 2.0], attention_drop_rate=[0.0, 0.0], drop_rate=[0.0, 0.0],
           drop_path_rate=[0.0, 0.1], qkv_bias=[True, True], cls_token=[False, True], qkv_projection_method=["dw_bn", "dw_bn"],
           kernel_qkv=[3, 3], padding_kv=[1, 1], stride_kv=[2, 2], padding_q=[1, 1], stride_q=[1, 1], num_labels=5),
    family("levit", "LevitConfig", "LevitForImageClassification", image_labels(), image_size=128, hidden_sizes=[32, 48, 64],
           num_attention_heads=[2, 3, 4], depths=[1, 1, 1], key_dim=[8, 8, 8], num_labels=5),  # of 64 pixels its last stage would be one
    replace(  # scales of its batch norms as small, but it learns, if late
        family("mobilevit", "MobileViTConfig", "MobileViTForImageClassification", image_labels(), image_size=128, hidden_sizes=[16, 24, 32],
               neck_hidden_sizes=[8, 16, 16, 24, 32, 32, 64], num_attention_heads=4, num_labels=5),
        allowed=("D02", "D06"),
    ),
    replace(  # scales of its batch norms as small, but it learns, if late
        family("mobilevitv2", "MobileViTV2Config", "MobileViTV2ForImageClassification", image_labels(), image_size=128,
               base_attn_unit_dims=[32, 32, 64], n_attn_blocks=[1, 1, 1], width_multiplier=0.25, num_labels=5),
        allowed=("D02", "D06"),
    ),
    # The softmax over its attention's one weight a position is constant: w_g, scores and all, is never trained.
    replace(
        family("swiftformer", "SwiftFormerConfig", "SwiftFormerForImageClassification", image_labels(), image_size=64, depths=[2, 2],
               embed_dims=[16, 32], downsamples=[True, True], num_labels=5),
        expected=("L11",), allowed=("D01",),
        sources=("https://github.com/Amshaker/SwiftFormer/issues/4", "https://github.com/Amshaker/SwiftFormer/issues/2"),
    ),
    family("poolformer", "PoolFormerConfig", "PoolFormerForImageClassification", image_labels(64), **STAGES, patch_sizes=[7, 3],
           strides=[4, 2], padding=[2, 1], num_encoder_blocks=2, num_labels=5),
    family("convnext", "ConvNextConfig", "ConvNextForImageClassification", image_multi_labels(), **STAGES, image_size=32, num_stages=2,
           num_labels=5, problem_type="multi_label_classification"),
    family("convnextv2", "ConvNextV2Config", "ConvNextV2ForImageClassification", image_labels(), **STAGES, image_size=32, num_stages=2,
           num_labels=5),
    family("resnet", "ResNetConfig", "ResNetForImageClassification", image_labels(64), embedding_size=16, hidden_sizes=[32, 64],
           depths=[2, 2], num_labels=5),
    family("resnet-basic", "ResNetConfig", "ResNetForImageClassification", image_labels(64), embedding_size=16, hidden_sizes=[16, 32],
           depths=[2, 2], layer_type="basic", num_labels=5),
    family("regnet", "RegNetConfig", "RegNetForImageClassification", image_labels(64), embedding_size=16, **STAGES, groups_width=8,
           num_labels=5),
    family("bit", "BitConfig", "BitForImageClassification", image_labels(64), embedding_size=16, hidden_sizes=[32, 64], depths=[2, 2],
           num_groups=4, num_labels=5),
    family("mobilenet-v1", "MobileNetV1Config", "MobileNetV1ForImageClassification", image_labels(), image_size=64, depth_multiplier=0.25,
           classifier_dropout_prob=0.2, num_labels=5),
    family("mobilenet-v2", "MobileNetV2Config", "MobileNetV2ForImageClassification", image_labels(), image_size=64, depth_multiplier=0.25,
           classifier_dropout_prob=0.2, num_labels=5),
    # The scales of its batch norms are drawn from N(0, 0.02²), so that the signal dies out: it learns
    # how frequent the classes are and no more. With scales of 1 it learns.
    replace(
        family("efficientnet", "EfficientNetConfig", "EfficientNetForImageClassification", image_labels(), image_size=64,
               width_coefficient=0.5, depth_coefficient=0.5, kernel_sizes=[3, 3, 5], in_channels=[32, 16, 24], out_channels=[16, 24, 40],
               strides=[1, 2, 2], num_block_repeats=[1, 2, 2], expand_ratios=[1, 6, 6], hidden_dim=640, num_labels=5),
        expected=("D06",), allowed=("D02",),
    ),
    family("textnet", "TextNetConfig", "TextNetForImageClassification", image_labels(64), image_size=64, stem_out_channels=16,
           hidden_sizes=[16, 16, 16, 32, 32], conv_layer_kernel_sizes=[[[3, 3]], [[3, 3], [3, 1]], [[1, 3]], [[3, 3]]],
           conv_layer_strides=[[1], [2, 1], [2], [1]], num_labels=5),
    family("hgnet-v2", "HGNetV2Config", "HGNetV2ForImageClassification", image_labels(64), embedding_size=16, depths=[1, 1],
           hidden_sizes=[32, 64], stem_channels=[3, 8, 16], stage_in_channels=[16, 32], stage_mid_channels=[8, 16],
           stage_out_channels=[32, 64], stage_num_blocks=[1, 1], stage_downsample=[False, True], stage_downsample_strides=[2, 2],
           stage_light_block=[False, True], stage_kernel_size=[3, 5], stage_numb_of_layers=[2, 2], num_labels=5),
)  # fmt: skip

RESNET = (
    "ResNetConfig",
    {"embedding_size": 16, "hidden_sizes": [16, 32, 64], "depths": [1, 1, 1], "layer_type": "basic"},
)
DETR = {
    "d_model": 32, "encoder_layers": 2, "decoder_layers": 2, "encoder_attention_heads": 4, "decoder_attention_heads": 4,
    "encoder_ffn_dim": 64, "decoder_ffn_dim": 64, "num_queries": 8, "num_labels": 5,
}  # fmt: skip
BACKBONE = {**RESNET[1], "out_features": ["stage1", "stage2", "stage3"]}

DENSE: tuple[Family, ...] = (
    family("segformer", "SegformerConfig", "SegformerForSemanticSegmentation", pixel_labels(64), **PYRAMID, decoder_hidden_size=32,
           num_labels=5),
    replace(  # scales of its batch norms as small, but it learns, if late
        family("mobilevit-segmentation", "MobileViTConfig", "MobileViTForSemanticSegmentation", pixel_labels(64), image_size=64, output_stride=16,
               hidden_sizes=[16, 24, 32], neck_hidden_sizes=[8, 16, 16, 24, 32, 32, 64], num_attention_heads=4, aspp_out_channels=16,
               num_labels=5),
        allowed=("D02", "D06"),
    ),
    family("mobilenet-v2-segmentation", "MobileNetV2Config", "MobileNetV2ForSemanticSegmentation", pixel_labels(64), image_size=64,
           depth_multiplier=0.25, num_labels=5),
    replace(  # out_indices count from the patches' embedding: what the last layer makes is never used
        family("beit-segmentation", "BeitConfig", "BeitForSemanticSegmentation", pixel_labels(64),
               **{**TRANSFORMER, "num_hidden_layers": 4, "image_size": 64}, out_indices=[1, 2, 3, 4], num_labels=5),
        allowed=("D01",),
    ),
    family("upernet", "UperNetConfig", "UperNetForSemanticSegmentation", pixel_labels(64), hidden_size=16, auxiliary_channels=16,
           auxiliary_in_channels=32,
           backbone_config=("ConvNextConfig", {
               "hidden_sizes": [16, 16, 32, 32], "depths": [1, 1, 1, 1], "out_features": ["stage1", "stage2", "stage3", "stage4"]}),
           num_labels=5),
    replace(  # in its neck a 1x1 convolution feeds a 3x3 one with nothing between: one convolution could do it
        family("dpt", "DPTConfig", "DPTForSemanticSegmentation", pixel_labels(64),
               **{**TRANSFORMER, "num_hidden_layers": 4, "image_size": 64, "patch_size": 16}, backbone_out_indices=[0, 1, 2, 3],
               neck_hidden_sizes=[16, 16, 32, 32], fusion_hidden_size=16, num_labels=5),
        allowed=("S01",),
    ),
    family("glpn", "GLPNConfig", "GLPNForDepthEstimation", depths(64), num_encoder_blocks=4, depths=[1, 1, 1, 1], sr_ratios=[4, 2, 1, 1],
           hidden_sizes=[16, 16, 32, 32], num_attention_heads=[1, 2, 4, 4], decoder_hidden_size=16),
    family("vit-mae", "ViTMAEConfig", "ViTMAEForPreTraining", hidden_patches, **TRANSFORMER, decoder_hidden_size=32,
           decoder_num_hidden_layers=2, decoder_num_attention_heads=4, decoder_intermediate_size=64),
    family("maskformer", "MaskFormerConfig", "MaskFormerForInstanceSegmentation", masks(64), fpn_feature_size=32, mask_feature_size=32,
           decoder_config=("DetrConfig", DETR), num_labels=5,
           backbone_config=("SwinConfig", {**WINDOWS, "depths": [1, 1, 1, 1], "num_heads": [1, 2, 4, 4], "window_size": 2,
                                           "out_features": ["stage1", "stage2", "stage3", "stage4"]})),
    family("mask2former", "Mask2FormerConfig", "Mask2FormerForUniversalSegmentation", masks(64), feature_size=32, mask_feature_size=32,
           hidden_dim=32, encoder_feedforward_dim=64, dim_feedforward=64, encoder_layers=2, decoder_layers=3, num_attention_heads=4,
           num_queries=8, train_num_points=64, num_labels=5,
           backbone_config=("SwinConfig", {**WINDOWS, "depths": [1, 1, 1, 1], "num_heads": [1, 2, 4, 4], "window_size": 2,
                                           "out_features": ["stage1", "stage2", "stage3", "stage4"]})),
    family("videomae", "VideoMAEConfig", "VideoMAEForVideoClassification", video_labels, **TRANSFORMER, num_frames=4, num_labels=5),
    family("timesformer", "TimesformerConfig", "TimesformerForVideoClassification", video_labels, **TRANSFORMER, num_frames=4,
           num_labels=5),
    family("vivit", "VivitConfig", "VivitForVideoClassification", video_labels, **{k: v for k, v in TRANSFORMER.items() if k != "patch_size"},
           num_frames=4, tubelet_size=[2, 8, 8], num_labels=5),
)  # fmt: skip

# Their boxes' arithmetic is imported with Pillow only.
DETECTORS: tuple[Family, ...] = (
    family("yolos", "YolosConfig", "YolosForObjectDetection", boxes(32), **{**TRANSFORMER, "image_size": [32, 32]},
           num_detection_tokens=8, num_labels=5),
    family("detr", "DetrConfig", "DetrForObjectDetection", boxes(64), **DETR, backbone_config=RESNET),
    family("conditional-detr", "ConditionalDetrConfig", "ConditionalDetrForObjectDetection", boxes(64), **DETR, backbone_config=RESNET),
    family("table-transformer", "TableTransformerConfig", "TableTransformerForObjectDetection", boxes(64), **DETR, backbone_config=RESNET),
    family("deformable-detr", "DeformableDetrConfig", "DeformableDetrForObjectDetection", boxes(64), **DETR, num_feature_levels=3,
           backbone_config=("ResNetConfig", BACKBONE)),
)  # fmt: skip
