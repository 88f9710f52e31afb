using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Runtime.Hardening.Collector.Exporting;

/// <summary>Finds google.rpc.RetryInfo in the status details of a gRPC answer.</summary>
internal static class RetryInfo
{
    private const int DetailsField = 3, DelayField = 1; // google.rpc.Status.details, RetryInfo.retry_delay

    internal static TimeSpan? Read(Metadata trailers)
    {
        byte[]? status = trailers.GetValueBytes("grpc-status-details-bin");
        if (status is null)
        {
            return null;
        }

        try
        {
            var input = new CodedInputStream(status);
            for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
            {
                if (WireFormat.GetTagFieldNumber(tag) != DetailsField)
                {
                    input.SkipLastField();
                    continue;
                }

                Any detail = Any.Parser.ParseFrom(input.ReadBytes());
                if (detail.TypeUrl.EndsWith("/google.rpc.RetryInfo", StringComparison.Ordinal))
                {
                    return Delay(detail.Value);
                }
            }
        }
        catch (InvalidProtocolBufferException)
        {
            return null; // details that cannot be read are no details
        }

        return null;
    }

    private static TimeSpan Delay(ByteString retryInfo)
    {
        CodedInputStream input = retryInfo.CreateCodedInput();
        for (uint tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (WireFormat.GetTagFieldNumber(tag) == DelayField)
            {
                return Duration.Parser.ParseFrom(input.ReadBytes()).ToTimeSpan();
            }

            input.SkipLastField();
        }

        return TimeSpan.Zero;
    }
}
